"""When which dashboard entered and left the room that an event was emitted to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from harness.model import B, Fact, Hop, Outcome, Sighting
from harness.model.facts import Connected, Joined, Left
from harness.record import rooms
from harness.record.evidence import Evidence, Position, label_of, position
from harness.record.evidence.connections import Stay
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
