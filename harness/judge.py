"""From a ledger to a verdict. Pure: no clock, no network, no browser, no randomness; linear in the sightings."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

from harness.evidence import Evidence, label_of
from harness.ledger import Ledger
from harness.model import (
    PAGE_SIDE,
    SERVER_SIDE,
    Answer,
    Expectation,
    Hop,
    Kind,
    Level,
    Outcome,
    PropertyResult,
    Settled,
    Standing,
    Verdict,
)
from harness.properties import common
from harness.strategies import strategies


class UnknownStrategy(Exception):
    """The ledger names a strategy that nobody offers."""


def judge(ledger: Ledger) -> Verdict:
    """The verdict of a run, without causes (see diagnosis)."""
    return judge_evidence(Evidence(ledger))


def judge_evidence(evidence: Evidence) -> Verdict:
    """The same from a ledger that is indexed already."""
    name = evidence.contract.strategy
    strategy = strategies().get(name)
    if strategy is None:
        raise UnknownStrategy(f"strategy {name!r}: there is {', '.join(sorted(strategies()))}.")
    settled = settle(evidence, strategy.expectations(evidence))
    results = (*common(evidence, settled), *strategy.properties(evidence, settled))
    outcomes = _unique(outcome for result in results for outcome in result.outcomes)
    unknowns = tuple(_unknowns(evidence, results))
    answer = Answer.PASSED
    if any(result.standing is Standing.VIOLATED for result in results):
        answer = Answer.FAILED
    elif unknowns:
        answer = Answer.UNKNOWN
    delivered = tuple(each.outcome for each in settled if each.outcome.kind is Kind.DELIVERED)
    means = {str(fence.data.get("means", "wire")) for fence in evidence.fences.values()}
    return Verdict(
        answer=answer,
        sentence=_sentence(answer, outcomes, unknowns, evidence),
        hops=counts(evidence),
        properties=results,
        identity=evidence.contract.identity,
        confidence="quiet" if "quiet" in means else "fence",
        unknowns=unknowns,
        outcomes=(*outcomes, *delivered),
    )


def settle(evidence: Evidence, expectations: Iterable[Expectation]) -> list[Settled]:
    """What became of each expectation."""
    unproven = cache(evidence.why_unproven)
    handled = {
        (label_of(load), evidence.events[key].name)
        for load, counted in evidence.seen[Hop.APPLIED].items()
        for key in counted
    }

    def outcome_of(expected: Expectation) -> Outcome:
        seen = [_is_seen(evidence, expected, hop) for hop in Hop]
        if expected.level is Level.NEVER:
            return _leak(expected, seen)
        last = max((hop for hop in Hop if seen[hop]), default=None)
        if expected.level is Level.MAY or last is Hop.RENDERED:
            return Outcome(Kind.DELIVERED, "P1", expected.key, expected.dashboard, last, (), expected.why)
        if last is None:
            return _undetermined(expected, "it was sighted nowhere that counts")
        behind = [hop for hop in Hop if hop > last]
        visible = [hop for hop in behind if evidence.has_tap(hop)]
        if not visible:
            return _undetermined(expected, f"seen at {last.label}; no hop behind it has a tap")
        for hop in visible:
            if (why := unproven(hop, expected.dashboard)) is not None:
                return _undetermined(expected, why)
        blamed = tuple(hop for hop in behind if hop <= visible[0])
        first = blamed[0] if len(blamed) == 1 else None
        name = evidence.events[expected.key].name
        unknown_name = first is Hop.APPLIED and (expected.dashboard, name) not in handled
        kind = Kind.UNHANDLED if unknown_name else Kind.LOST
        return Outcome(kind, "P1", expected.key, expected.dashboard, first, blamed, expected.why)

    return [Settled(expected, outcome_of(expected)) for expected in expectations]


def _is_seen(evidence: Evidence, expected: Expectation, hop: Hop) -> bool:
    """Whether the event of an expectation was sighted at a hop, on its way to the dashboard that expects it."""
    key, mine = expected.key, f"dashboard:{expected.dashboard}."
    if hop in PAGE_SIDE:
        if expected.observer is not None:
            return key in evidence.seen[hop].get(expected.observer, ())
        return any(key in evidence.seen[hop].get(load, ()) for load in evidence.loads.get(expected.dashboard, ()))
    if hop is not Hop.ROUTED:
        return key in evidence.once[hop]
    sightings = evidence.once[Hop.ROUTED].get(key, ())
    if any(sighting.recipients is None for sighting in sightings):
        return True
    wanted = expected.observer
    for sid in evidence.recipients.get(key, ()):
        load = evidence.sids.get(sid, "")
        if load == wanted or (wanted is None and load.startswith(mine)):
            return True
    return False


def _leak(expected: Expectation, seen: list[bool]) -> Outcome:
    at = [hop for hop in (Hop.ROUTED, *PAGE_SIDE) if seen[hop]]
    if not at:
        return Outcome(Kind.DELIVERED, "P6", expected.key, expected.dashboard, None, (), expected.why)
    return Outcome(Kind.LEAKED, "P6", expected.key, expected.dashboard, at[0], (at[0],), expected.why)


def _undetermined(expected: Expectation, why: str) -> Outcome:
    return Outcome(Kind.UNDETERMINED, "P1", expected.key, expected.dashboard, None, (), why)


def counts(evidence: Evidence) -> dict[Hop, int | None]:
    """The distinct events of the run's session at each hop; None where the hop is blind."""
    session = evidence.contract.session
    result: dict[Hop, int | None] = {}
    for hop in Hop:
        if not evidence.has_tap(hop):
            result[hop] = None
        elif hop is Hop.ROUTED:
            keys = {key for key, sids in evidence.recipients.items() if sids}
            keys |= {k for k, seen in evidence.once[hop].items() if any(s.recipients is None for s in seen)}
            result[hop] = _of_session(evidence, keys, session)
        elif hop in SERVER_SIDE:
            result[hop] = _of_session(evidence, evidence.once[hop], session)
        else:
            keys = {key for counted in evidence.seen[hop].values() for key in counted}
            result[hop] = _of_session(evidence, keys, session)
    return result


def _of_session(evidence: Evidence, keys: Iterable[str], session: str | None) -> int:
    return sum(1 for key in keys if session is None or evidence.events[key].session == session)


def _unknowns(evidence: Evidence, results: Iterable[PropertyResult]) -> Iterable[str]:
    """What is missing for the verdict "passed", in words."""
    if evidence.ledger.torn:
        yield "the ledger ends in the middle of a line: the harness was stopped while it wrote"
    for result in results:
        if result.standing is Standing.UNPROVEN:
            yield f"{result.prop}: {result.outcomes[0].detail}"
        elif result.standing is Standing.NOT_EXERCISED and result.prop in evidence.contract.properties:
            yield f"{result.prop} was promised to be exercised, and no check of it came about"


def _unique(outcomes: Iterable[Outcome]) -> tuple[Outcome, ...]:
    """Outcomes once each: several properties may find the same thing. The first property that found it keeps it."""
    kept: dict[tuple[Kind, str | None, str | None, Hop | None, str], Outcome] = {}
    for outcome in outcomes:
        detail = "" if outcome.key else outcome.detail
        kept.setdefault((outcome.kind, outcome.key, outcome.dashboard, outcome.hop, detail), outcome)
    return tuple(kept.values())


def _sentence(answer: Answer, outcomes: tuple[Outcome, ...], unknowns: tuple[str, ...], evidence: Evidence) -> str:
    if answer is Answer.UNKNOWN:
        return f"Unknown: {unknowns[0]}."
    if answer is Answer.PASSED:
        total = sum(len(events) for events in evidence.sessions.values())
        return f"Every promise held: {total} events, {len(evidence.contract.dashboards)} dashboards."
    bad = [each for each in outcomes if each.kind is not Kind.UNDETERMINED]
    first = min(bad, key=lambda each: each.hops[0] if each.hops else Hop.RENDERED)
    alike = {each.key for each in bad if each.kind is first.kind and each.hops == first.hops and each.key}
    where = " to ".join(dict.fromkeys(hop.label for hop in (first.hops[:1] + first.hops[-1:]))) or "no hop"
    if not alike:
        return f"{first.kind.capitalize()} at {where}: {first.detail}."
    total = sum(len(events) for events in evidence.sessions.values())
    return f"{len(alike)} of {total} events {first.kind} at {where}."
