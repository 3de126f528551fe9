"""When which dashboard entered and left the room that an event was emitted to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from harness.model import Fact, FactKind, Hop, Outcome
from harness.record import rooms
from harness.record.evidence import Evidence, Position, label_of, position


@dataclass(frozen=True, slots=True)
class Membership:
    """One connection and one room, around the moment `at` when an event was emitted there.

    `joined` and `left` are the last times before it, `later` is the first time that it joined behind it.
    """

    sid: str
    room: str | None
    at: Position
    joined: Fact | None
    left: Fact | None
    later: Fact | None

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

    Everybody (room None) is joined by connecting. Nothing where nobody said which room it was.
    """
    routed = evidence.at(Hop.ROUTED, outcome.key)
    if not routed or "room" not in routed[0].detail:
        return
    at, names = position(routed[0]), rooms.each(routed[0].detail.get("room"))
    ends = {str(f.data.get("sid")): position(f) for f in evidence.facts(FactKind.DISCONNECTED)}
    for sid, load in evidence.sids.items():
        if label_of(load) == outcome.dashboard and not (sid in ends and ends[sid] < at):
            joins = _moves(evidence, FactKind.JOINED if names else FactKind.CONNECTED, sid, names)
            leaves = _moves(evidence, FactKind.LEFT, sid, names)
            joined, later = _around(joins, at)
            left, _ = _around(leaves, at)
            yield Membership(sid, " or ".join(names) or None, at, joined, left, later)


def _moves(evidence: Evidence, kind: FactKind, sid: str, names: tuple[str, ...]) -> list[Fact]:
    facts = (f for f in evidence.facts(kind) if f.data.get("sid") == sid)
    return [f for f in facts if f.data.get("room") in (names or (None,))]


def _around(moves: list[Fact], at: Position) -> tuple[Fact | None, Fact | None]:
    """The last of them before a moment, and the first one behind it."""
    before = [fact for fact in moves if position(fact) < at]
    behind = [fact for fact in moves if fact not in before]
    return max(before, key=position, default=None), min(behind, key=position, default=None)
