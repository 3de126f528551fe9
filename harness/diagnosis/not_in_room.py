"""Not in the room: the server emits to a room that others are in, and this dashboard never was; or to one client."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence

from harness.diagnosis._announcements import untold
from harness.diagnosis._connecting import missed
from harness.diagnosis._rooms import client
from harness.diagnosis._unawaited import unawaited
from harness.diagnosis._working import may_stand_in
from harness.diagnosis.only_sender_told import sender_told
from harness.diagnosis.rule import UNKNOWN_PLACE, Head, Rule, events, losses, lost_at, of_kind, per_run
from harness.lib.amounts import amount
from harness.model import Blame, Hop, Kind, Outcome, Sighting, Strength
from harness.model.facts import Connected, Joined
from harness.record import rooms
from harness.record.evidence import Evidence, label_of, names


class NotInRoom(Rule):
    """Lost at routed: emitted to rooms in which other clients were, and which the dashboard has never joined."""

    head = Head(
        cause="not-in-room",
        title="the server emits to a room, or to one client, and a dashboard that is owed the event is not in it",
        claims=(losses(Hop.ROUTED, exact=True), events(Kind.LEAKED, Hop.ROUTED)),
        by=per_run,
        taps=(Hop.ROUTED,),
        strength=Strength.NAMED,
        against=(
            "the dashboard was in the room at some time, the room was empty, the sender alone was told, or the\n"
            "joining of it was never awaited, or the page never asked for it as it listened to `connect` too late;\n"
            "or the server emitted nothing after it, and it came not to every page: others may have their turn after it"
        ),
        remedy=(
            "Join every dashboard to the room where it connects or subscribes; or emit to a room that all of them are\n"
            "in. An id of a connection is a room with one member."
        ),
    )

    def is_refuted(self, evidence: Evidence, outcome: Outcome) -> bool:
        routed = evidence.at(Hop.ROUTED, outcome.key)
        if outcome.kind is Kind.LEAKED:  # to whom it went in the place of those who are owed it
            return False
        if not _are_whole(evidence, routed):
            return True
        named = rooms.each(routed[0].detail.get("room"))
        if unawaited(evidence, outcome) is not None or missed(evidence, outcome) is not None:
            return True
        if may_stand_in(evidence) == outcome.key:  # others may have their turn after it
            return True
        is_told = untold(evidence, outcome) is None and sender_told(evidence, outcome) is None
        return not named or not is_told or _was_in(evidence, outcome.label, named)

    def explain(self, evidence: Evidence, outcomes: Sequence[Outcome]) -> Iterable[Blame]:
        by_rooms: dict[tuple[str, ...], list[Outcome]] = defaultdict(list)
        for outcome in lost_at(outcomes, Hop.ROUTED):
            by_rooms[_room(evidence, outcome)].append(outcome)
        clients = {fact.body.sid for fact in evidence.facts(Connected)}
        for named, lost in _in_turn(by_rooms, clients).items():
            if not named:
                continue
            keys = {o.key for o in lost}
            mine = [*lost, *(o for o in of_kind(outcomes, Kind.LEAKED) if o.key in keys)]
            labels = sorted({o.label for o in lost})
            routed = [each for o in lost for each in evidence.at(Hop.ROUTED, o.key)]
            told = dict.fromkeys(_who(evidence, sid) for each in routed for sid in each.recipients or ())
            places = dict.fromkeys(str(each.detail.get("where") or UNKNOWN_PLACE) for each in routed)
            is_one = clients.issuperset(named)
            room = " or ".join(map(rooms.shown, named))
            if not is_one:
                sentence = f"the server emits to room {room}, which dashboard {names(labels)} never joined."
            elif len(named) == 1:
                sentence = f"the server emits to {names(list(told))} alone, and not to dashboard {names(labels)}."
            else:
                sentence = f"the server emits each event to one client alone: {names(list(told))} are told in turn."
            yield self.blame(
                sentence,
                [
                    f"server: {amount(len(keys), 'event')} emitted to {room}, resolved for {names(list(told))}",
                    *(f"emitted at {place}" for place in list(places)[:3]),
                    *(f"dashboard {label}: never in {room}" for label in labels if not is_one or len(named) == 1),
                ],
                mine,
                at=lost,
                places=places,
            )


def _are_whole(evidence: Evidence, routed: Sequence[Sighting]) -> bool:
    """Whether it is known to whom an event was emitted: not what a queue carries to unobserved processes.

    An id of a connection is in one process: where a client was told there, no other is.
    """
    clients = {fact.body.sid for fact in evidence.facts(Connected)}
    if routed and all(clients.issuperset(named := rooms.each(each.detail.get("room"))) and named for each in routed):
        return any(each.recipients for each in routed)
    return bool(routed) and all(each.recipients and not each.detail.get("publishes") for each in routed)


def _room(evidence: Evidence, outcome: Outcome) -> tuple[str, ...]:
    return rooms.each(evidence.at(Hop.ROUTED, outcome.key)[0].detail.get("room"))


def _in_turn(
    by_rooms: Mapping[tuple[str, ...], list[Outcome]], clients: Collection[str]
) -> Mapping[tuple[str, ...], list[Outcome]]:
    """Rooms to what was lost over them; those that are one client each are one, where several have their turns."""
    turns = {named: lost for named, lost in by_rooms.items() if len(named) == 1 and named[0] in clients}
    if len(turns) < 2:
        return by_rooms
    together = tuple(sorted(named[0] for named in turns))
    rest = {named: lost for named, lost in by_rooms.items() if named not in turns}
    return {**rest, together: [o for lost in turns.values() for o in lost]}


def _was_in(evidence: Evidence, label: str, named: Collection[str]) -> bool:
    """Whether a dashboard was ever in one of these rooms, by any connection: it joined, or was resolved for one."""
    mine = {sid for sid, load in evidence.sids.items() if label_of(load) == label}
    joined = any(f.body.sid in mine and f.body.room in named for f in evidence.facts(Joined))
    told = (s for s in evidence.flow[Hop.ROUTED] if {*rooms.each(s.detail.get("room"))} & {*named})
    return joined or any(mine.intersection(s.recipients or ()) for s in told)


def _who(evidence: Evidence, sid: str) -> str:
    load = evidence.sids.get(sid)
    return client(evidence, sid) if load is None else f"dashboard {label_of(load)}"


RULE = NotInRoom()
