"""Room left: the server takes a dashboard out of the room in the middle of a session."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from harness.diagnosis._rooms import Membership, memberships
from harness.diagnosis.rule import UNKNOWN_PLACE, Head, Rule, losses, lost_at, per_run
from harness.lib.amounts import amount
from harness.model import Blame, Hop, Outcome, Strength
from harness.record.evidence import Evidence, position


class RoomLeft(Rule):
    """Lost at routed: the dashboard had been in the room, and left it before the event, and stayed connected."""

    head = Head(
        cause="room-left",
        title="the server takes a dashboard out of the room in the middle of a session, or before it",
        claims=(losses(Hop.ROUTED),),
        by=per_run,
        taps=(Hop.ROUTED,),
        strength=Strength.NAMED,
        against="the dashboard was still in the room, or its connection had ended",
        remedy=(
            "No dashboard that still watches has asked for that: look for what calls leave_room or\n"
            "close_room there, and leave a room only when its dashboard gives the session up."
        ),
    )

    def is_refuted(self, evidence: Evidence, outcome: Outcome) -> bool:
        return any(place.is_in for place in memberships(evidence, outcome))

    def explain(self, evidence: Evidence, outcomes: Sequence[Outcome]) -> Iterable[Blame]:
        mine: dict[str, list[Outcome]] = defaultdict(list)
        gone: dict[str, dict[str, Membership]] = defaultdict(dict)
        for outcome in lost_at(outcomes, Hop.ROUTED):
            out = next((each for each in memberships(evidence, outcome) if each.is_out), None)
            if out is not None:
                mine[str(out.room)].append(outcome)
                gone[str(out.room)].setdefault(outcome.label, out)
        for room, places in gone.items():
            yield self.blame(
                f"the server takes dashboard {' and '.join(sorted(places))} out of room {room!r} "
                f"{'in mid-session' if _had_any(evidence, mine[room], places.values()) else 'before its first event'}.",
                [
                    *(
                        f"server: {each.sid} (dashboard {label}) left room {room!r} at {_place(each)}"
                        for label, each in sorted(places.items())
                    ),
                    f"server: {amount(len({o.key for o in mine[room]}), 'event')} emitted to the room after that",
                ],
                mine[room],
                places=map(_place, places.values()),
            )


def _had_any(evidence: Evidence, lost: Iterable[Outcome], out: Iterable[Membership]) -> bool:
    """Whether an event of one of their sessions was routed before the first of these dashboards left."""
    left = min(position(each.left) for each in out if each.left is not None)
    sessions = {evidence.events[outcome.event_key].session for outcome in lost}
    routed = (evidence.routed_at(each.key) for session in sessions for each in evidence.events_of(session))
    return any(at is not None and at < left for at in routed)


def _place(out: Membership) -> str:
    return (out.left and out.left.body.where) or UNKNOWN_PLACE


RULE = RoomLeft()
