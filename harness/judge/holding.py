"""Events that a handler has and has not passed on: it still ran when everything else had come to rest. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from harness.judge.starving import unless_starved
from harness.model import Aspect, Fact, Finding, Hop, Kind, Outcome, Sighting
from harness.model.facts import HandlerRuns
from harness.record.evidence import Evidence
from harness.record.remembered import remembered


def held_by_handler(evidence: Evidence, key: str, dashboard: str) -> Outcome | None:
    """An event that was not routed within the bound because its handler still runs: late at routed, or None.

    What that handler would route yet comes too late for sure.
    """
    runs, bound_ms = held(evidence).get(key), evidence.contract.bound_ms
    if runs is None or runs.body.ms <= bound_ms:
        return None
    why = Finding(
        Aspect.HANDLER_HOLDS,
        request=runs.body.name,
        hop=Hop.ROUTED,
        measured_ms=runs.body.ms,
        bound_ms=bound_ms,
        other=runs.body.where,
    )
    late = Outcome(Kind.LATE, "P11", key, dashboard, Hop.ROUTED, (Hop.ROUTED,), why)
    start_ns = runs.body.began_ns
    return unless_starved(evidence, late, start_ns, start_ns + round(runs.body.ms * 1e6))


@remembered
def held(evidence: Evidence) -> Mapping[str, Fact[HandlerRuns]]:
    """Event to the handler that still runs for it: of the client's messages of that name the one that came with it."""
    found: dict[str, Fact[HandlerRuns]] = {}
    facts = evidence.facts(HandlerRuns)
    for fact in facts:
        waiting = [
            each
            for each in evidence.flow[Hop.RECEIVED]
            if _came_as(each) == (fact.body.sid, fact.body.name)
            and each.event.key not in evidence.once[Hop.ROUTED]
            and each.event.key not in found
        ]
        if waiting:
            nearest = min(waiting, key=lambda each: abs(each.at_ns - fact.body.began_ns))
            found[nearest.event.key] = fact
    return found


def _came_as(received: Sighting) -> tuple[object, object]:
    """The client and the name of the message that brought an event, or the path that it was posted to."""
    detail = received.detail
    return detail.get("sid"), detail.get("path") or detail.get("carrier") or received.event.name
