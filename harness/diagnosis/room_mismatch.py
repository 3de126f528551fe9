"""Room mismatch: the server emits to a room without members, while dashboards are connected."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from harness.diagnosis._announcements import asked, is_unannounced, texts, unheeded, untold
from harness.diagnosis._connecting import missed
from harness.diagnosis._identities import is_changed
from harness.diagnosis._parties import agreeing, listed
from harness.diagnosis._rooms import client, namespaces
from harness.diagnosis._unawaited import unawaited
from harness.diagnosis.rule import UNKNOWN_PLACE, Head, Rule, about, of, per_run
from harness.lib.amounts import amount
from harness.model import Aspect, Blame, Fact, Hop, Kind, Outcome, Strength
from harness.model.facts import Connected, Joined, NoHandler, Unrouted
from harness.record import rooms
from harness.record.evidence import Evidence

NAMELESS = (
    "What is to name the room has no value where it is emitted: a look-up that found nothing, or a field that the\n"
    "event lacks. Socket.IO takes that for a room like any other, and it has no members."
)

OF_ANOTHER_NAMESPACE = (
    "That is the id which a client has in another namespace: it has one of its own in each. Keep the id of the\n"
    "namespace that is emitted in, or let clients join a room there by a name that stays, as a user's."
)

MOST = 3
"""So many rooms stand as evidence, where one place emits to several."""


class RoomMismatch(Rule):
    """Recipients empty at routed, dashboards connected at that moment, and none of them ever in that room."""

    head = Head(
        cause="room-mismatch",
        title="the server emits to a room that no dashboard is in, while dashboards are connected",
        claims=(of(Kind.LOST, Hop.ROUTED),),
        carries=(about(Kind.LOST, Aspect.NEVER_JOINED),),
        by=per_run,
        taps=(Hop.ROUTED,),
        strength=Strength.NAMED,
        against=(
            "a dashboard was in the room at some time, none was connected, the room is a connection's own, the\n"
            "joining of it was never awaited, or a page never asked for it because it listened to `connect` too late"
        ),
        remedy=(
            "Let dashboards join the room before its first event: announce it, or let them subscribe. Or emit to a\n"
            "room that they are in. A dashboard that comes late needs a replay."
        ),
    )

    def is_refuted(self, evidence: Evidence, outcome: Outcome) -> bool:
        """A connection's own room is nothing that another could join: then a sid is wrong, or stale.

        And a room that only a changed session has can have no members: the change comes first.
        """
        if is_changed(evidence, outcome) or unawaited(evidence, outcome) is not None:
            return True
        event = evidence.events.get(outcome.event_key)
        if event is not None and is_unannounced(evidence, event.session or ""):
            return True  # no dashboard could know which room to join
        if missed(evidence, outcome) is not None:
            return True
        own = {str(f.body.sid) for f in evidence.facts(Connected)}
        emitted = [f for f in evidence.facts(Unrouted) if f.body.key == outcome.key]
        return any(name in own and not _is_elsewhere(evidence, fact, name) for fact in emitted for name in _rooms(fact))

    def explain(self, evidence: Evidence, outcomes: Sequence[Outcome]) -> Iterable[Blame]:
        dashboards = {*evidence.sids, *evidence.unclaimed}
        entered = {f.body.room for f in evidence.facts(Joined) if f.body.sid in dashboards}
        empty = {
            f.body.key: f
            for f in evidence.facts(Unrouted)
            if f.body.key and _rooms(f) and entered.isdisjoint(_rooms(f))
        }
        by_rooms: dict[tuple[str, ...], list[Outcome]] = defaultdict(list)
        for outcome in outcomes:
            fact = empty.get(outcome.event_key)
            is_here = outcome.kind is Kind.LOST and outcome.hop is Hop.ROUTED and untold(evidence, outcome) is None
            if fact is not None and is_here and dashboards.intersection(fact.body.connected):
                by_rooms[_rooms(fact)].append(outcome)
        groups: dict[str, list[tuple[Fact[Unrouted], list[Outcome]]]] = defaultdict(list)
        for names, mine in by_rooms.items():
            fact = empty[mine[0].event_key]
            room = " or ".join(map(rooms.shown, names))
            mistyped = [(name, other) for name in names for other in rooms.other_types(name, fact.body.rooms)]
            if mistyped:
                emitted, joined = map(rooms.told, mistyped[0])
                yield self.blame(
                    f"the server emits to room {emitted}, and the dashboards are in room {joined}.",
                    [*_emitted(evidence, fact, mine), *_present(evidence, fact)],
                    mine,
                    remedy=f"Socket.IO keeps rooms by value and type: {emitted} and {joined} are two.\n"
                    "Make the name a text in both places, where a dashboard joins and where the server emits.",
                    places=[fact.body.where],
                )
                continue
            groups[fact.body.where or room].append((fact, mine))
        unjoined = [o for o in outcomes if o.finding.aspect is Aspect.NEVER_JOINED]
        for group in groups.values():
            lost = [outcome for _, mine in group for outcome in mine]
            unheeding = unheeded(
                evidence, {e.session or "" for o in lost if (e := evidence.events.get(o.event_key)) is not None}
            )
            follows = [o for o in unjoined if any(o.dashboard == label for label, _ in unheeding)]
            unjoined = [o for o in unjoined if o not in follows]
            shown = [*dict.fromkeys(" or ".join(map(rooms.shown, _rooms(fact))) for fact, _ in group)]
            named = shown if len(shown) <= MOST else [*shown[:MOST], f"{len(shown) - MOST} more"]
            where, them = f"{agreeing(shown, 'room', 'rooms')} {listed(named)}", agreeing(shown, "it", "them")
            yield self.blame(
                f"the server emits to {where}, and no dashboard is in {them}.",
                [
                    *(line for each in group[:MOST] for line in _emitted(evidence, *each)),
                    *_present(evidence, group[0][0]),
                    *(
                        f"dashboard {label}: was told of session {name}, and asked nothing of it"
                        for label, name in unheeding
                    ),
                ],
                [*lost, *follows],
                at=lost,
                remedy=_remedy(evidence, group, where, bool(unheeding)),
                places=[group[0][0].body.where],
            )


def _remedy(
    evidence: Evidence, group: Sequence[tuple[Fact[Unrouted], list[Outcome]]], where: str, is_unheeded: bool
) -> str:
    """What to do, by what the dashboards asked for and what became of it."""
    if _is_nameless(group):
        return NAMELESS
    if any(_is_elsewhere(evidence, fact, name) for fact, _ in group for name in _rooms(fact)):
        return OF_ANOTHER_NAMESPACE
    names = {name for fact, _ in group for name in _rooms(fact)}
    inside = {f.body.room for f in evidence.facts(Joined) if f.body.sid in evidence.sids and f.body.room}
    near = sorted((room, name) for room in inside for name in names if room in name or name in room)
    if near:
        is_typed = len({rooms.kind_and_text(name)[0] for name in near[0]}) > 1
        joined, emitted = map(rooms.told if is_typed else rooms.shown, near[0])
        return (
            f"Build the room's name in one place, for joining and for emitting: dashboards join {joined},\n"
            f"and the server emits to {emitted}."
        )
    asking = [each for each in evidence.exchanges if each.sid in evidence.sids and names & {*texts(each.request)}]
    if is_unheeded:
        return (
            f"Dashboards were told of it, and are not in {where}: look at what the page does when it is told,\n"
            "or at what was to put them in there; before the first event, or with a replay."
        )
    if not asking or evidence.contract.asks:
        return (
            f"Let dashboards join {where} before its first event: announce it, or let them\n"
            "subscribe. Or emit to a room that they are in. A dashboard that comes late needs a replay."
        )
    asked_for = asking[0].name
    if any(f.body.name == asked_for and f.body.sid in evidence.sids for f in evidence.facts(NoHandler)):
        return (
            f"The dashboards ask for it by {asked_for!r}, and the server has no handler of that name: register one,\n"
            "or let them ask by the name that it listens to."
        )
    return (
        f"The dashboards ask for it by {asked_for!r}, and are in no such room afterwards: look at what its handler\n"
        "does with such a request, before the session exists for example, and answer it, so that a page knows."
    )


def _is_elsewhere(evidence: Evidence, fact: Fact[Unrouted], name: str) -> bool:
    """Whether a room is the id of a client that is there, in another namespace than that of the emit."""
    mine, used = namespaces(evidence).get(name), fact.body.namespace
    return mine is not None and used is not None and mine != used and name not in evidence.gone


def _is_nameless(group: Iterable[tuple[Fact[Unrouted], list[Outcome]]]) -> bool:
    """Whether it is emitted to `undefined`, or to a null that does not mean all clients."""
    return all(rooms.kind_and_text(name)[0] in rooms.NOTHING for fact, _ in group for name in _rooms(fact))


def _rooms(fact: Fact[Unrouted]) -> tuple[str, ...]:
    return rooms.each(fact.body.room)


def _emitted(evidence: Evidence, fact: Fact[Unrouted], mine: Iterable[Outcome]) -> Iterable[str]:
    where = fact.body.where or UNKNOWN_PLACE
    inside = fact.body.rooms
    room, count = " or ".join(map(rooms.shown, _rooms(fact))), len({outcome.key for outcome in mine})
    members = [sid for name in _rooms(fact) for sid in inside.get(name, ())]
    elsewhere = [name for name in _rooms(fact) if _is_elsewhere(evidence, fact, name)]
    yield from (
        f"{name} is {client(evidence, name)} in namespace {namespaces(evidence)[name]!r}, and it is emitted in "
        f"{fact.body.namespace!r}"
        for name in elsewhere
    )
    yield f"{fact.observer}: {amount(count, 'event')} emitted to room {room}, recipients: none ({where})"
    yield f"members of room {room}: {', '.join(members) or 'none'}"


def _present(evidence: Evidence, fact: Fact[Unrouted]) -> Iterable[str]:
    inside = fact.body.rooms
    for sid in fact.body.connected:
        who = client(evidence, sid)
        within = sorted(rooms.shown(name) for name, sids in inside.items() if sid in sids and name != sid)
        yield f"connected: {sid} ({who}), in rooms: {', '.join(within) or 'none but its own'}"
    for each in evidence.exchanges:
        if each.sid in evidence.sids and each.is_refused:
            code = each.code or "without a code"
            yield f"{fact.observer}: refused {each.sid} to {each.name} {each.session}: {code}"
    if not evidence.contract.asks:
        for label in evidence.contract.dashboards:
            yield from (f"dashboard {label}: asked for {what}" for what in asked(evidence, label)[:MOST])
        unhandled = {f.body.name for f in evidence.facts(NoHandler) if f.body.sid in evidence.sids}
        yield from (f"{fact.observer}: has no handler for {name!r}" for name in sorted(unhandled))


RULE = RoomMismatch()
