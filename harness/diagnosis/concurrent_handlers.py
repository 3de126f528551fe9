"""Concurrent handlers: the server starts on an event before it is done with the one before."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from harness.diagnosis import blame, of_kind
from harness.evidence import Evidence, position
from harness.model import Blame, Event, Hop, Kind, Outcome, Strength


class ConcurrentHandlers:
    """Reordered at routed, received in order, and received before the one before it was routed."""

    name = "concurrent-handlers"

    def explain(self, evidence: Evidence, outcomes: Sequence[Outcome]) -> Iterable[Blame]:
        mine = []
        for outcome in of_kind(outcomes, Kind.REORDERED, hop=Hop.ROUTED):
            event = evidence.events[outcome.event_key]
            overtaken = _behind(evidence, event)
            if overtaken:
                mine.append((outcome, overtaken))
        if mine:
            yield blame(
                self.name,
                "the server's handlers run concurrently: a later event overtakes an earlier one inside of the server.",
                [
                    f"server: received {key} before {by}, and routed it behind that"
                    for o, by in mine[:5]
                    if (key := o.key)
                ],
                "Handle a client's events one after the other (async_handlers=False), or put them in order by their\n"
                "sequence numbers before they are emitted.",
                [outcome for outcome, _ in mine],
                strength=Strength.AROUND,
            )


def _behind(evidence: Evidence, event: Event) -> str | None:
    """A later event of the session that came in behind this one, and was routed before it."""
    received, routed = evidence.once[Hop.RECEIVED], evidence.once[Hop.ROUTED]
    for later in evidence.events_of(event.session):
        if (later.seq or 0) > (event.seq or 0) and {later.key, event.key} <= received.keys() & routed.keys():
            came_in_order = position(received[event.key][0]) < position(received[later.key][0])
            if came_in_order and position(routed[later.key][0]) < position(routed[event.key][0]):
                return later.key
    return None


RULE = ConcurrentHandlers()
