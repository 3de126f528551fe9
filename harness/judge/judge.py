"""From a ledger to a verdict. Pure: no clock, no network, no browser, no randomness; linear in the sightings."""

from __future__ import annotations

from collections.abc import Iterable, Sequence, Set
from functools import cache

from harness.judge.consistency import contradictions
from harness.judge.properties import common, unproven
from harness.judge.properties.settling import settle
from harness.judge.rows.unread import not_of_unread_rows
from harness.judge.strategies import Strategy, strategies
from harness.judge.strategies.pages import by_page
from harness.model import (
    PAGE_SIDE,
    SERVER_SIDE,
    Answer,
    Aspect,
    Broken,
    Finding,
    Hop,
    Kind,
    Outcome,
    Part,
    PropertyResult,
    Settled,
    Standing,
    Unknown,
    Verdict,
)
from harness.model.facts import BrokenOff, InFlight, StepBlocked
from harness.record.evidence import Evidence
from harness.record.evidence.keys import union
from harness.record.evidence.streams import Stream
from harness.record.ledger import Ending, Ledger, collector_at_rest


class UnknownStrategy(Exception):
    """The ledger names a strategy that is not installed."""


def judge(ledger: Ledger) -> Verdict:
    """The verdict of a run, without causes (see diagnosis). Raises UnknownStrategy."""
    return judge_evidence(Evidence(ledger))


def judge_evidence(evidence: Evidence) -> Verdict:
    """The same from a ledger that is indexed already."""
    name = evidence.contract.strategy
    strategy = strategies().get(name)
    if strategy is None:
        raise UnknownStrategy(f"strategy {name!r}: there is {', '.join(sorted(strategies()))}.")
    with collector_at_rest():
        settled, results = _results(evidence, strategy)
        if evidence.contract.shared:
            results = tuple(_of_own(evidence, result) for result in results)
        results = tuple(not_of_unread_rows(evidence, result) for result in results)
        results = _if_it_agrees(evidence, results)
    outcomes = _unique(outcome for result in results for outcome in result.outcomes)
    unknowns = tuple(_unknowns(evidence, results))
    answer = Answer.UNKNOWN if unknowns else Answer.PASSED
    if any(result.standing is Standing.VIOLATED for result in results):
        answer = Answer.FAILED
    if any(not ended.body.of_system for ended in evidence.facts(BrokenOff)):
        answer = Answer.UNKNOWN  # what became of the rest is the doing of who ended it, not the system's
    delivered = (outcome for each in settled for outcome in each.outcomes if outcome.kind is Kind.DELIVERED)
    means = {
        *(fence.body.means for fence in evidence.fences.values()),
        *(f.body.means for f in evidence.facts(InFlight)),
    }
    is_quiet = "quiet" in means
    sessions = sum(1 for events in evidence.sessions.values() if events)
    return Verdict(
        answer=answer,
        events=sum(map(len, evidence.sessions.values())),
        dashboards=len(evidence.contract.dashboards),
        hops=counts(evidence),
        properties=results,
        identity=evidence.identity,
        confidence="quiet" if is_quiet else "fence",
        unknowns=unknowns,
        outcomes=(*outcomes, *delivered),
        broken=tuple(_broken(results, name)),
        sessions=sessions,
        counted=evidence.main if sessions > 1 else None,
    )


def _results(evidence: Evidence, strategy: Strategy) -> tuple[Sequence[Settled], tuple[PropertyResult, ...]]:
    """What became of the expectations, and where each property stands.

    A strategy that breaks leaves its promises unproven: what is judged without them goes on.
    """
    try:
        settled = settle(evidence, by_page(evidence, strategy.expectations(evidence)))
    except Exception as error:  # noqa: BLE001  # a strategy may be foreign code
        return (), (unproven(strategy.name, error), *common(evidence, error))
    results = [*common(evidence, settled)]
    try:
        for result in strategy.properties(evidence, settled):
            results.append(result)  # noqa: PERF402  # what came before it broke is kept
    except Exception as error:  # noqa: BLE001
        results.append(unproven(strategy.name, error))
    return settled, tuple(results)


def _of_own(evidence: Evidence, result: PropertyResult) -> PropertyResult:
    """A result without what became of others' events: nothing of them is promised here."""
    own = [each for each in result.outcomes if each.key not in evidence.events or not evidence.is_others(each.key)]
    if len(own) == len(result.outcomes):
        return result
    return PropertyResult.of(result.prop, result.checks, own, result.note)


def _if_it_agrees(evidence: Evidence, results: tuple[PropertyResult, ...]) -> tuple[PropertyResult, ...]:
    """The results; where nothing speaks against passing, P16 with everything in which the record contradicts itself.

    Of a run that does not pass anyhow, contradictions would be no news: what failed is seldom told alike by all.
    """
    if any(result.standing in (Standing.VIOLATED, Standing.UNPROVEN) for result in results):
        return results
    found = [Outcome(Kind.UNDETERMINED, "P16", None, None, None, (), why) for why in _contradictions(evidence)]
    return tuple(PropertyResult.of("P16", r.checks, found, r.note) if found and r.prop == "P16" else r for r in results)


def _contradictions(evidence: Evidence) -> Iterable[Finding]:
    try:
        return [*contradictions(evidence)]
    except Exception as error:  # noqa: BLE001  # a record may hold anything
        return [Finding(Aspect.BROKE, party="P16", text=f"{type(error).__name__}: {error}")]


def _broken(results: Iterable[PropertyResult], strategy: str) -> Iterable[Broken]:
    """The properties whose check broke, and the strategy where its code did."""
    for result in results:
        for outcome in result.outcomes:
            if outcome.finding.aspect is Aspect.BROKE:
                part = Part.STRATEGY if result.prop == strategy else Part.PROPERTY
                yield Broken(part, result.prop, outcome.finding.text or "")


def counts(evidence: Evidence) -> dict[Hop, int | None]:
    """The distinct events of the run's session at each hop; None where the hop is blind."""
    session = evidence.main

    mine: Set[str] = evidence.events.keys()
    if session is not None and not evidence.events.sessions() <= {session}:
        mine = evidence.events.of_session(session)

    @cache  # hops that saw the same events share a stream
    def seen(*streams: Stream) -> int:
        return len(mine & union(stream.keys for stream in streams))

    result: dict[Hop, int | None] = dict.fromkeys(Hop)
    for hop in filter(evidence.has_tap, Hop):
        if hop is Hop.ROUTED:
            result[hop] = seen(evidence.said[hop]) - len(mine & evidence.unrouted)
        elif hop in SERVER_SIDE:
            count = seen(evidence.said[hop])
            is_known = count == len(mine) or not evidence.is_one_sided(hop)
            result[hop] = count if is_known else None
        elif hop in PAGE_SIDE:
            result[hop] = seen(*dict.fromkeys(evidence.shown[hop].values()))
    return result


_ENDINGS = {Ending.CUT: Aspect.CUT, Ending.TAMPERED: Aspect.TAMPERED}
"""What a ledger that is not whole leaves in doubt."""


def _unknowns(evidence: Evidence, results: Iterable[PropertyResult]) -> Iterable[Unknown]:
    """What is missing for the verdict "passed"."""
    if (doubt := _ENDINGS.get(evidence.ledger.ending)) is not None:
        yield Unknown(None, Finding(doubt))
    for blocked in evidence.facts(StepBlocked):
        yield Unknown(None, Finding(Aspect.STEP_BLOCKED, other=blocked.body.step, text=blocked.body.why))
    for ended in evidence.facts(BrokenOff):
        yield Unknown(None, Finding(Aspect.BROKEN_OFF, party=ended.body.part, found=ended.body.status))
    yield from sorted(_undetermined(evidence, results), key=_place)


def _undetermined(evidence: Evidence, results: Iterable[PropertyResult]) -> Iterable[Unknown]:
    for result in results:
        missing = [outcome for outcome in result.outcomes if outcome.kind is Kind.UNDETERMINED]
        if missing:
            yield Unknown(result.prop, missing[0].finding)
        elif result.standing is Standing.NOT_EXERCISED and result.prop in evidence.contract.properties:
            yield Unknown(result.prop, Finding(Aspect.NOT_EXERCISED))


def _place(missing: Unknown) -> int:
    """Where it stands among what is missing: what a dead tap left in doubt is the reason of the rest."""
    why = missing.finding
    if Aspect.TAP_DEAD in (why.aspect, *(each.aspect for each in why.because)):
        return 0
    return 2 if why.aspect is Aspect.NOT_EXERCISED else 1


def _unique(outcomes: Iterable[Outcome]) -> tuple[Outcome, ...]:
    """Outcomes once each: several properties may find the same thing. The first property that found it keeps it.

    An event is lost but once: the property that comes first says where.
    """
    kept: dict[tuple[Kind, str | None, str | None, Hop | None, Finding | None], Outcome] = {}
    for outcome in outcomes:
        hop = None if outcome.key and outcome.kind is Kind.LOST else outcome.hop
        finding = None if outcome.key else outcome.finding
        kept.setdefault((outcome.kind, outcome.key, outcome.dashboard, hop, finding), outcome)
    return tuple(kept.values())
