"""From a ledger to a verdict. Pure: no clock, no network, no browser, no randomness; linear in the sightings."""

from __future__ import annotations

from collections.abc import Iterable, Sequence, Set
from functools import cache
from operator import attrgetter

from harness.judge.properties import common
from harness.judge.properties.settling import settle
from harness.judge.strategies import strategies
from harness.model import (
    PAGE_SIDE,
    SERVER_SIDE,
    Answer,
    FactKind,
    Hop,
    Kind,
    Outcome,
    PropertyResult,
    Standing,
    Verdict,
)
from harness.record.evidence import Evidence
from harness.record.evidence.streams import Stream
from harness.record.ledger import Ledger, collector_at_rest

session_of = attrgetter("session")


class UnknownStrategy(Exception):
    """The ledger names a strategy that nobody offers."""


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
        settled = settle(evidence, strategy.expectations(evidence))
        results = (*common(evidence, settled), *strategy.properties(evidence, settled))
    outcomes = _unique(outcome for result in results for outcome in result.outcomes)
    unknowns = tuple(_unknowns(evidence, results))
    answer = Answer.UNKNOWN if unknowns else Answer.PASSED
    if any(result.standing is Standing.VIOLATED for result in results):
        answer = Answer.FAILED
    delivered = (outcome for each in settled for outcome in each.outcomes if outcome.kind is Kind.DELIVERED)
    proofs = (*evidence.fences.values(), *evidence.facts(FactKind.IN_FLIGHT))
    is_quiet = any(proof.data.get("means") == "quiet" for proof in proofs)
    return Verdict(
        answer=answer,
        sentence=_sentence(answer, outcomes, unknowns, evidence),
        hops=counts(evidence),
        properties=results,
        identity=evidence.identity,
        confidence="quiet" if is_quiet else "fence",
        unknowns=unknowns,
        outcomes=(*outcomes, *delivered),
    )


def counts(evidence: Evidence) -> dict[Hop, int | None]:
    """The distinct events of the run's session at each hop; None where the hop is blind."""
    session = evidence.contract.session

    mine: Set[str] = evidence.events.keys()
    if session is not None and not {*map(session_of, evidence.events.values())} <= {session}:
        mine = {key for key, event in evidence.events.items() if event.session == session}

    @cache  # hops that saw the same events share a stream
    def seen(*streams: Stream) -> int:
        keys = streams[0].keys if len(streams) == 1 else set().union(*(stream.keys for stream in streams))
        return len(mine & keys)

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


def _unknowns(evidence: Evidence, results: Iterable[PropertyResult]) -> Iterable[str]:
    """What is missing for the verdict "passed", in words."""
    if evidence.ledger.torn:
        yield "the ledger ends in the middle of a line: the harness was stopped while it wrote"
    for result in results:
        missing = [outcome for outcome in result.outcomes if outcome.kind is Kind.UNDETERMINED]
        if missing:
            yield f"{result.prop}: {missing[0].detail}"
        elif result.standing is Standing.NOT_EXERCISED and result.prop in evidence.contract.properties:
            yield f"{result.prop} was promised to be exercised, and no check of it came about"


def _unique(outcomes: Iterable[Outcome]) -> tuple[Outcome, ...]:
    """Outcomes once each: several properties may find the same thing. The first property that found it keeps it.

    An event is lost but once: the property that comes first says where.
    """
    kept: dict[tuple[Kind, str | None, str | None, Hop | None, str], Outcome] = {}
    for outcome in outcomes:
        hop = None if outcome.key and outcome.kind is Kind.LOST else outcome.hop
        detail = "" if outcome.key else outcome.detail
        kept.setdefault((outcome.kind, outcome.key, outcome.dashboard, hop, detail), outcome)
    return tuple(kept.values())


def _sentence(answer: Answer, outcomes: tuple[Outcome, ...], unknowns: tuple[str, ...], evidence: Evidence) -> str:
    if answer is Answer.UNKNOWN:
        return f"Unknown: {unknowns[0]}."
    if answer is Answer.PASSED:
        return f"Every promise held: {_total(evidence)} events, {len(evidence.contract.dashboards)} dashboards."
    return f"{describe(evidence, [each for each in outcomes if each.kind is not Kind.UNDETERMINED])}."


def describe(evidence: Evidence, outcomes: Sequence[Outcome]) -> str:
    """The worst of some failed outcomes in words, without a full stop: what went wrong at the earliest hop."""
    first = min(outcomes, key=lambda each: each.hops[0] if each.hops else Hop.RENDERED)
    alike = {each.key for each in outcomes if each.kind is first.kind and each.hops == first.hops and each.key}
    where = " to ".join(dict.fromkeys(hop.label for hop in (first.hops[:1] + first.hops[-1:]))) or "no hop"
    if not alike:
        return f"{first.kind.capitalize()} at {where}: {first.detail}"
    return f"{len(alike)} of {_total(evidence)} events {first.kind} at {where}"


def _total(evidence: Evidence) -> int:
    return sum(len(events) for events in evidence.sessions.values())
