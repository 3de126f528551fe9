"""Broadcast leak: the server emits to all clients where only some are entitled."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from harness.diagnosis.rule import UNKNOWN_PLACE, Head, Rule, of, per_run
from harness.judge.strategies import chooses_sessions
from harness.model import Aspect, Blame, Cited, Hop, Kind, Outcome, Sighting, Strength
from harness.record.evidence import Evidence, label_of


class BroadcastLeak(Rule):
    """Leaked at routed by an emit that names no room."""

    head = Head(
        cause="broadcast-leak",
        title="the server emits to all clients where only some are entitled",
        claims=(of(Kind.LEAKED, Hop.ROUTED),),
        by=per_run,
        taps=(Hop.ROUTED,),
        strength=Strength.NAMED,
        against="the emit named a room",
        remedy=(
            "Name the session's room in the emit:\n"
            "without `room=` or `to=` an emit goes to every client of the namespace."
        ),
    )

    def is_refuted(self, evidence: Evidence, outcome: Outcome) -> bool:
        is_for_all = not chooses_sessions(evidence.contract.strategy)  # then an emit to all is right (pass-ignored)
        return (is_for_all and outcome.finding.aspect is Aspect.NOT_ENTITLED) or not _to_all(evidence, outcome)

    def explain(self, evidence: Evidence, outcomes: Sequence[Outcome]) -> Iterable[Blame]:
        open_ = [sighting for outcome in outcomes for sighting in _to_all(evidence, outcome)]
        places = [*dict.fromkeys(str(s.detail.get("where") or UNKNOWN_PLACE) for s in open_)]
        yield self.blame(
            "the server emits to all clients: the emit names no room.",
            [
                *(f"server: emitted without a room at {place}" for place in places[:3]),
                *(Cited(o.finding, f"dashboard {o.dashboard} was sent {o.key}: ") for o in outcomes[:3]),
            ],
            outcomes,
            remedy=f"Name the session's room in the emit at {' or '.join(places[:1])}:\n"
            "without `room=` or `to=` an emit goes to every client of the namespace.",
            places=places,
        )


def _to_all(evidence: Evidence, outcome: Outcome) -> list[Sighting]:
    """Where an event was resolved for all clients, not for a room. A tap that sees no rooms tells nothing here.

    Of several emits that tell where each went, those count that went to the dashboard.
    """
    open_ = [s for s in evidence.at(Hop.ROUTED, outcome.key) if s.detail.get("room") is None]
    mine = {sid for sid, load in evidence.sids.items() if label_of(load) == outcome.dashboard}
    open_ = [s for s in open_ if not mine.isdisjoint(s.recipients or ())] or open_
    return open_ if open_ and "room" in open_[0].detail else []


RULE = BroadcastLeak()
