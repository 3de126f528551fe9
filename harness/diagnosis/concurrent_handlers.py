"""Concurrent handlers: the server starts on an event before it is done with the one before."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from harness.diagnosis.rule import Head, Rule, of, of_kind, per_run
from harness.model import Blame, Event, Hop, Kind, Outcome, Strength
from harness.record.evidence import Evidence, position


class ConcurrentHandlers(Rule):
    """Reordered at routed, received in order, and received before the one before it was routed."""

    head = Head(
        cause="concurrent-handlers",
        title="the server starts on an event before it is done with the one before",
        claims=(of(Kind.REORDERED, Hop.ROUTED),),
        by=per_run,
        taps=(
            Hop.RECEIVED,
            Hop.ROUTED,
        ),
        strength=Strength.AROUND,
        against="they were received in that order already",
        remedy=(
            "Handle a client's events one after the other (async_handlers=False), or put them in order by their\n"
            "sequence numbers before they are emitted."
        ),
    )

    def explain(self, evidence: Evidence, outcomes: Sequence[Outcome]) -> Iterable[Blame]:
        mine = []
        for outcome in of_kind(outcomes, Kind.REORDERED, hop=Hop.ROUTED):
            event = evidence.events[outcome.event_key]
            overtaken = _behind(evidence, event)
            if overtaken:
                mine.append((outcome, overtaken))
        if mine:
            yield self.blame(
                "the server's handlers run concurrently: a later event overtakes an earlier one inside of the server.",
                [
                    f"server: received {key} before {by}, and routed it after that"
                    for o, by in mine[:5]
                    if (key := o.key)
                ],
                [outcome for outcome, _ in mine],
            )


def _behind(evidence: Evidence, event: Event) -> str | None:
    """A later event of the session that came in after this one, and was routed before it."""
    for later in evidence.events_of(event.session):
        if _is_before(evidence, Hop.RECEIVED, event, later) and _is_before(evidence, Hop.ROUTED, later, event):
            return later.key
    return None


def _is_before(evidence: Evidence, hop: Hop, first: Event, second: Event) -> bool:
    """Whether both were seen at a hop of the server, and in this order."""
    one, other = evidence.at(hop, first.key), evidence.at(hop, second.key)
    return bool(one and other) and position(one[0]) < position(other[0])


RULE = ConcurrentHandlers()
