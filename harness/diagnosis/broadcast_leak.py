"""Broadcast leak: the server emits to everybody where only some are entitled."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from harness.diagnosis.rule import UNKNOWN_PLACE, Head, Rule, of, of_kind, per_run
from harness.model import Blame, Cited, Hop, Kind, Outcome, Strength
from harness.record.evidence import Evidence


class BroadcastLeak(Rule):
    """Leaked at routed by an emit that names no room."""

    head = Head(
        cause="broadcast-leak",
        title="the server emits to everybody where only some are entitled",
        claims=(of(Kind.LEAKED, Hop.ROUTED),),
        by=per_run,
        taps=(Hop.ROUTED,),
        strength=Strength.NAMED,
        against="the emit named a room, and the dashboard was in it",
        remedy=(
            "Name the session's room in the emit:\n"
            "without `room=` or `to=` an emit goes to every client of the namespace."
        ),
    )

    def explain(self, evidence: Evidence, outcomes: Sequence[Outcome]) -> Iterable[Blame]:
        mine = []
        places: dict[str, None] = {}
        for outcome in of_kind(outcomes, Kind.LEAKED, hop=Hop.ROUTED):
            open_ = [s for s in evidence.at(Hop.ROUTED, outcome.key) if s.detail.get("room") is None]
            if open_ and "room" in open_[0].detail:
                mine.append(outcome)
                places.update(dict.fromkeys(str(s.detail.get("where") or UNKNOWN_PLACE) for s in open_))
        if mine:
            yield self.blame(
                "the server emits to everybody: the emit names no room.",
                [
                    *(f"server: emitted without a room at {place}" for place in list(places)[:3]),
                    *(Cited(o.finding, f"dashboard {o.dashboard} was sent {o.key}: ") for o in mine[:3]),
                ],
                mine,
                remedy=f"Name the session's room in the emit at {next(iter(places))}:\n"
                "without `room=` or `to=` an emit goes to every client of the namespace.",
                places=places,
            )


RULE = BroadcastLeak()
