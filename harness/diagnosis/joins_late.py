"""Joins late: a dashboard is let in, and put into its room only after events were emitted to it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from harness.diagnosis._parties import dashboards
from harness.diagnosis._rooms import (
    Membership,
    answered_early,
    asked_before,
    is_watched,
    memberships,
    requests_before,
)
from harness.diagnosis.rule import Head, Rule, losses, lost_at, per_run
from harness.model import Blame, Hop, Outcome, Strength
from harness.model.facts import Connected, Joined
from harness.record.evidence import Evidence, names, position


class JoinsLate(Rule):
    """Lost at routed: emitted to a room that the dashboard, connected by then, was put into only afterwards."""

    head = Head(
        cause="joins-late",
        title="a dashboard is let in, and joins its room only after events were emitted to it",
        claims=(losses(Hop.ROUTED, exact=True),),
        by=per_run,
        taps=(Hop.ROUTED,),
        strength=Strength.NAMED,
        against=(
            "the event is owed as a replay, or the dashboard connected after it, or was in the room before, or asked\n"
            "for something between it and its joining; or it had asked for the room, and been answered, before it"
        ),
        remedy=(
            "Join the room in the handler of the connection, before it returns, and emit nothing meanwhile: a join\n"
            "that waits for its turn, a database or a task of its own is late when many come at once."
        ),
    )

    def is_refuted(self, evidence: Evidence, outcome: Outcome) -> bool:
        """What is owed as a replay is another story; and another connection of the dashboard may be in the room."""
        return not is_watched(outcome) or any(place.is_in for place in memberships(evidence, outcome))

    def explain(self, evidence: Evidence, outcomes: Sequence[Outcome]) -> Iterable[Blame]:
        mine, late = list[Outcome](), dict[str, Membership]()
        for outcome in lost_at(outcomes, Hop.ROUTED):
            session = evidence.events[outcome.event_key].session
            place = next((each for each in memberships(evidence, outcome) if _is_late(evidence, each, session)), None)
            if place is not None:
                mine.append(outcome)
                late.setdefault(outcome.label, place)
        if not mine:
            return
        rooms = names(dict.fromkeys(f"room {place.room!r}" for place in late.values()))
        yield self.blame(
            f"{dashboards(late)} had connected, and joined {rooms} only after events were emitted to it.",
            [
                f"server: {names(sorted({o.event_key for o in mine if o.label == label}))} emitted to room "
                f"{place.room!r} after dashboard {label} had connected and before it joined"
                for label, place in late.items()
            ],
            mine,
        )


def _is_late(evidence: Evidence, place: Membership, session: str | None) -> bool:
    """Whether a connection was there when the event was emitted, and joined its room after it, unasked in between."""
    later = place.later
    if place.joined is not None or later is None or not isinstance(later.body, Joined):
        return False
    came = [position(f) for f in evidence.facts(Connected) if f.body.sid == place.sid]
    if not came or min(came) > place.at:
        return False
    if not requests_before(evidence, place):
        return True
    return asked_before(evidence, place) is not None and answered_early(evidence, place, session) is None


RULE = JoinsLate()
