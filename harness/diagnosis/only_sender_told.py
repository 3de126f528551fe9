"""Only the sender told: the server emits to the client that sent the event, and to no other."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from harness.diagnosis.rule import UNKNOWN_PLACE, Head, Rule, losses, lost_at, per_run
from harness.lib.amounts import amount
from harness.model import Blame, Hop, Outcome, Sighting, Strength
from harness.record import rooms
from harness.record.evidence import Evidence


class OnlySenderTold(Rule):
    """Lost at routed: each emit of it was to the very connection that it was received from, there still or ended."""

    head = Head(
        cause="only-sender-told",
        title="the server emits to the client that the event came from, and to no other",
        claims=(losses(Hop.ROUTED),),
        by=per_run,
        taps=(Hop.RECEIVED, Hop.ROUTED),
        strength=Strength.NAMED,
        against="another client was resolved as well, or the sender was the only client, or the room's only member",
        remedy=(
            "Name the audience: a sid is a room with one member, and without `to` only python-socketio's emit reaches\n"
            "all clients; Flask-SocketIO's takes broadcast=True in a handler, and on Node.js it is `io.emit`."
        ),
    )

    def is_refuted(self, evidence: Evidence, outcome: Outcome) -> bool:
        return sender_told(evidence, outcome) is None

    def explain(self, evidence: Evidence, outcomes: Sequence[Outcome]) -> Iterable[Blame]:
        mine = lost_at(outcomes, Hop.ROUTED)
        if not mine:
            return
        senders = ", ".join(sorted({str(sender_told(evidence, o)) for o in mine})[:3])
        places = {str(s.detail.get("where") or UNKNOWN_PLACE) for o in mine for s in evidence.at(Hop.ROUTED, o.key)}
        yield self.blame(
            "the server emits them to the client that sent them, and to no dashboard.",
            [
                f"server: {amount(len({o.key for o in mine}), 'event')} emitted to {senders} alone, which sent them",
                *(f"emitted at {place}" for place in sorted(places)[:3]),
                *(
                    f"dashboard {label}: connected as {', '.join(_sids(evidence, label))}"
                    for label in sorted({o.label for o in mine})
                ),
            ],
            mine,
            places=places,
        )


def _sids(evidence: Evidence, label: str) -> list[str]:
    loads = {*evidence.loads_of(label)}
    return [sid for sid, load in evidence.sids.items() if load in loads]


def sender_told(evidence: Evidence, outcome: Outcome) -> str | None:
    """The connection that an event came from, where it was emitted to that alone; None where it was not."""
    routed, received = evidence.at(Hop.ROUTED, outcome.key), evidence.at(Hop.RECEIVED, outcome.key)
    senders = {each.detail.get("sid") for each in received}
    if len(senders) != 1 or not routed:
        return None
    [sender] = senders
    told = {sid for each in routed for sid in each.recipients or ()}
    given = [each.detail["room"] for each in routed if "room" in each.detail]
    is_told = told == {sender} or (not told and _is_to_one_who_left(evidence, received, routed))
    return str(sender) if is_told and all({*rooms.each(room)} == {sender} for room in given) else None


def _is_to_one_who_left(evidence: Evidence, received: Sequence[Sighting], routed: Sequence[Sighting]) -> bool:
    """Whether the sender was gone when it was emitted to; in another namespace it has another id."""
    spaces = {each.detail.get("namespace") for each in (*received, *routed)}
    named = {name for each in routed for name in rooms.each(each.detail.get("room"))}
    return len(spaces) == 1 and bool(named) and named <= evidence.gone.keys()


RULE = OnlySenderTold()
