"""When which dashboard entered and left the room that an event was emitted to."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from harness.model import Aspect, B, Fact, Hop, Json, Outcome, Sighting
from harness.model.facts import Connected, Joined, Left
from harness.record import rooms
from harness.record.evidence import Evidence, Position, label_of, position
from harness.record.evidence.connections import Stay
from harness.record.evidence.exchanges import Exchange
from harness.record.remembered import remembered

Entry: TypeAlias = Connected | Joined
"""Into a room; each client is in the nameless one by connecting."""


@dataclass(frozen=True, slots=True)
class Membership:
    """One connection and one room, around the moment `at` when an event was emitted there.

    `joined` and `left` are the last times before it, `later` is the first time that it joined after it.
    """

    sid: str
    room: str | None
    at: Position
    joined: Fact[Entry] | None
    left: Fact[Left] | None
    later: Fact[Entry] | None

    @property
    def is_in(self) -> bool:
        """Whether the connection was in the room when the event was emitted."""
        return self.joined is not None and (self.left is None or position(self.left) < position(self.joined))

    @property
    def is_out(self) -> bool:
        """Whether it had been in the room, and had left it again."""
        return self.joined is not None and self.left is not None and not self.is_in


def memberships(evidence: Evidence, outcome: Outcome) -> Iterator[Membership]:
    """Of each connection that the outcome's dashboard had when the event was first routed, in the room it went to.

    The room of all clients (None) is joined by connecting. Nothing where it is not known which room it was, and of a
    connection in another namespace, whose rooms are others.
    """
    routed = evidence.at(Hop.ROUTED, outcome.key)
    if not routed or "room" not in routed[0].detail:
        return
    at, names = position(routed[0]), rooms.each(routed[0].detail.get("room"))
    before = {stay.began.body.sid: stay for stay in evidence.stays if position(stay.began) < at}
    for sid, load in evidence.sids.items():
        is_elsewhere = is_in_another_namespace(evidence, sid, routed[0])
        if label_of(load) == outcome.dashboard and not is_elsewhere and not _was_over(before.get(sid), at):
            joins = [f for f in _entries(evidence, names) if f.body.sid == sid]
            leaves = [f for f in evidence.facts(Left) if f.body.sid == sid and f.body.room in (names or (None,))]
            joined, later = _around(joins, at)
            left, _ = _around(leaves, at)
            yield Membership(sid, " or ".join(names) or None, at, joined, left, later)


@remembered
def namespaces(evidence: Evidence) -> Mapping[str, str | None]:
    """Connection to its namespace, as far as it is known."""
    return {fact.body.sid: fact.body.namespace for fact in evidence.facts(Connected)}


def is_in_another_namespace(evidence: Evidence, sid: str, routed: Sighting) -> bool:
    """Whether an event was emitted in another namespace than that of a connection, as far as both are known."""
    mine = namespaces(evidence).get(sid)
    used = routed.detail.get("namespace")
    return mine is not None and used is not None and mine != used


def _was_over(stay: Stay | None, at: Position) -> bool:
    """Whether the last connection that began before a place had ended by then."""
    return stay is not None and stay.end is not None and position(stay.end) < at


def is_watched(outcome: Outcome) -> bool:
    """Whether an event is owed to a dashboard as one that was there, and not as a replay."""
    return outcome.finding is not None and outcome.finding.aspect is Aspect.WATCHED


def answered_early(evidence: Evidence, place: Membership, session: str | None) -> Exchange | None:
    """The request by which a connection came into the room, where it had its good answer when the event was emitted."""
    asked = _asked_for(evidence, place, session)
    if asked is None or asked.is_refused or asked.answered is None:
        return None
    return asked if asked.answered < place.at else None


def _asked_for(evidence: Evidence, place: Membership, session: str | None) -> Exchange | None:
    """The last request before a connection joined the room that says the session, or a word of the room's name.

    None where it joined without such a request, never joined, or all clients are in the room by connecting.
    """
    later = place.later
    if later is None or not isinstance(later.body, Joined) or later.body.room is None:
        return None
    _, name = rooms.kind_and_text(later.body.room)
    for each in reversed(requests_before(evidence, place)):
        if (session is not None and each.session == session) or any(
            _is_in_name(text, name) for text in _texts(each.args)
        ):
            return each
    return None


def asked_before(evidence: Evidence, place: Membership) -> Exchange | None:
    """The last request of a connection before it joined the room, where that is older than the emit to the room."""
    asked = requests_before(evidence, place)
    return asked[-1] if asked and asked[-1].asked < place.at else None


def requests_before(evidence: Evidence, place: Membership) -> list[Exchange]:
    """The requests of a connection before it joined the room; none where it never did."""
    if place.later is None:
        return []
    joined = position(place.later)
    return [each for each in evidence.exchanges if each.sid == place.sid and each.asked < joined]


def _texts(told: Json) -> Iterator[str]:
    """The texts and numbers in what was said."""
    if isinstance(told, Mapping):
        told = [*told.values()]
    if isinstance(told, Sequence) and not isinstance(told, str):
        for each in told:
            yield from _texts(each)
    elif isinstance(told, str | int) and not isinstance(told, bool):
        yield str(told)


def _is_in_name(text: str, name: str) -> bool:
    """Whether a text is the room's name or a part of it that stands by itself, as 7 in `line:7`."""
    return text != "" and re.search(rf"(?<!\w){re.escape(text)}(?!\w)", name) is not None


def client(evidence: Evidence, sid: str) -> str:
    """Who a connection is, as far as the record says: a load of a dashboard, a CLI, or another client."""
    if sid in evidence.sids:
        return evidence.sids[sid]
    clis = {evidence.cli_of(s.event.key) for s in evidence.flow[Hop.RECEIVED] if s.detail.get("sid") == sid} - {""}
    if len(clis) == 1:
        return clis.pop()
    roles = (f.body.role for f in evidence.facts(Connected) if f.body.sid == sid)
    return next(filter(None, roles), "a client other than this run's dashboards")


def _entries(evidence: Evidence, names: tuple[str, ...]) -> Sequence[Fact[Entry]]:
    return [f for f in evidence.facts(Joined) if f.body.room in names] if names else evidence.facts(Connected)


def _around(moves: list[Fact[B]], at: Position) -> tuple[Fact[B] | None, Fact[B] | None]:
    """The last of them before a moment, and the first one after it."""
    before = [fact for fact in moves if position(fact) < at]
    after = [fact for fact in moves if fact not in before]
    return max(before, key=position, default=None), min(after, key=position, default=None)
