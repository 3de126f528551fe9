"""Room not left: a dashboard gave a session up, and the server left it in the room."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from harness.diagnosis.rule import Head, Rule, events, per_run
from harness.model import Blame, Hop, Kind, Outcome, Strength
from harness.model.facts import Left
from harness.record import rooms
from harness.record.evidence import Evidence


class RoomNotLeft(Rule):
    """Leaked at routed through a room that the dashboard was to leave: unsubscribing was answered, and it stayed."""

    head = Head(
        cause="room-not-left",
        title="a dashboard gave a session up, and the server left it in the room",
        claims=(events(Kind.LEAKED, Hop.ROUTED),),
        by=per_run,
        taps=(Hop.ROUTED,),
        strength=Strength.NAMED,
        against="the connection left the room, or was never answered that it gave the session up",
        remedy=(
            "Leave the room (leave_room) where unsubscribing is handled, before it is answered;\n"
            "and under the same name that was used to enter it."
        ),
    )

    def is_refuted(self, evidence: Evidence, outcome: Outcome) -> bool:
        return not _stayed(evidence, outcome)

    def explain(self, evidence: Evidence, outcomes: Sequence[Outcome]) -> Iterable[Blame]:
        stayed = dict.fromkeys(_stayed(evidence, outcome)[0] for outcome in outcomes)
        yield self.blame(
            "a dashboard that gave the session up is still in its room.",
            [
                *(
                    f"server: answered unsubscribe {session} of {sid}; it never left {room}"
                    for session, sid, room in stayed
                ),
                *(f"dashboard {o.dashboard} was sent {o.key}" for o in outcomes[:3]),
            ],
            outcomes,
        )


def _stayed(evidence: Evidence, outcome: Outcome) -> list[tuple[str, str, str]]:
    """Session, connection and room (as text) of who was answered that it gave a session up, and was sent its event."""
    session = evidence.events[outcome.event_key].session
    left = {(fact.body.sid, fact.body.room) for fact in evidence.facts(Left)}
    return [
        (each.session or "", each.sid, rooms.shown(room))
        for sighting in evidence.at(Hop.ROUTED, outcome.key)
        for room in rooms.each(sighting.detail.get("room"))
        for each in evidence.exchanges
        if each.name == "unsubscribe" and each.ok and each.answered is not None
        if each.session == session and each.sid in (sighting.recipients or ()) and (each.sid, room) not in left
    ]


RULE = RoomNotLeft()
