"""Room not left: a dashboard gave a session up, and the server left it in the room."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from harness.diagnosis.rule import Head, Rule, of, of_kind, per_run
from harness.model import Blame, Hop, Kind, Outcome, Strength
from harness.model.facts import Left
from harness.record.evidence import Evidence


class RoomNotLeft(Rule):
    """Leaked at routed through a room that the dashboard was to leave: unsubscribing was answered, and it stayed."""

    head = Head(
        cause="room-not-left",
        title="a dashboard gave a session up, and the server left it in the room",
        claims=(of(Kind.LEAKED, Hop.ROUTED),),
        by=per_run,
        taps=(Hop.ROUTED,),
        strength=Strength.NAMED,
        against="the connection left the room",
        remedy=(
            "Leave the room (leave_room) where unsubscribing is handled, before it is answered;\n"
            "and under the same name that was used to enter it."
        ),
    )

    def explain(self, evidence: Evidence, outcomes: Sequence[Outcome]) -> Iterable[Blame]:
        answered = [e for e in evidence.exchanges if e.name == "unsubscribe" and e.ok and e.answered is not None]
        left = {(f.body.sid, f.body.room) for f in evidence.facts(Left)}
        mine, lines = [], dict[str, None]()
        for outcome in of_kind(outcomes, Kind.LEAKED, hop=Hop.ROUTED):
            session = evidence.events[outcome.event_key].session
            for sighting in evidence.at(Hop.ROUTED, outcome.key):
                room = sighting.detail.get("room")
                stayed = [
                    e
                    for e in answered
                    if e.session == session and e.sid in (sighting.recipients or ()) and (e.sid, room) not in left
                ]
                if room is not None and stayed:
                    mine.append(outcome)
                    lines[f"server: answered unsubscribe {session} of {stayed[0].sid}; it never left {room!r}"] = None
                    break
        if mine:
            yield self.blame(
                "who gave the session up is still in its room.",
                [*lines, *(f"dashboard {o.dashboard} was sent {o.key}" for o in mine[:3])],
                mine,
            )


RULE = RoomNotLeft()
