"""From a ledger to a verdict. Pure: no clock, no network, no browser, no randomness; linear in the sightings."""

from __future__ import annotations

from collections.abc import Iterable, Set
from functools import cache
from operator import attrgetter

from harness.judge.properties import common
from harness.judge.properties.settling import settle
from harness.judge.strategies import strategies
from harness.model import (
    PAGE_SIDE,
    SERVER_SIDE,
    Answer,
    Aspect,
    FactKind,
    Finding,
    Hop,
    Kind,
    Outcome,
    PropertyResult,
    Standing,
    Unknown,
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
        events=sum(map(len, evidence.sessions.values())),
        dashboards=len(evidence.contract.dashboards),
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


def _unknowns(evidence: Evidence, results: Iterable[PropertyResult]) -> Iterable[Unknown]:
    """What is missing for the verdict "passed"."""
    if evidence.ledger.torn:
        yield Unknown(None, Finding(Aspect.TORN))
    for result in results:
        missing = [outcome for outcome in result.outcomes if outcome.kind is Kind.UNDETERMINED]
        if missing:
            yield Unknown(result.prop, missing[0].finding)
        elif result.standing is Standing.NOT_EXERCISED and result.prop in evidence.contract.properties:
            yield Unknown(result.prop, Finding(Aspect.NOT_EXERCISED))


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
