"""What is owed to a dashboard of a session that it watched: of each event, by where it was due."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import dataclass, replace
from functools import cached_property
from operator import attrgetter, itemgetter
from typing import TypeAlias

from harness.judge.strategies.watch import Watch, gaps_told
from harness.model import Aspect, Event, Expectation, Finding, Hop, Level
from harness.record.evidence import CLOSE, END, OPEN, START, Evidence, Position
from harness.record.evidence.keys import is_subset
from harness.record.evidence.observers import SERVER
from harness.record.evidence.place_numbers import from_column
from harness.record.evidence.stored_events import keys_of
from harness.record.remembered import remembered

key_of = attrgetter("key")

WATCHED = Finding(Aspect.WATCHED)
UNACKNOWLEDGED = Finding(Aspect.UNACKNOWLEDGED)

Due: TypeAlias = tuple[Position, Position]
"""Where an event was routed; for one that was not, the places between which it would have been."""

Promised: TypeAlias = tuple[Level, Finding]
"""What is promised, and the sentence that says why."""


@remembered
def dues(evidence: Evidence, session: str) -> dict[str, Due]:
    """Where each event of a session was due; empty when nothing of the session reached the server.

    One that was not routed was due after its predecessor and before its successor; the first one after the opening
    of the session, the last one before its closing.
    """
    if session not in evidence.stretches:
        return {}
    events = evidence.sessions[session]
    known = [evidence.due_at(event.key) for event in events]
    placed = [due for due in known if due is not None]
    if len(placed) == len(events):
        return dict(zip(map(key_of, events), placed, strict=True))
    opened, closed = _bounds(evidence, session, min(low for low, _ in placed), max(high for _, high in placed))
    lows = _carried([due and due[0] for due in known], opened)
    highs = _carried([due and due[1] for due in known[::-1]], closed)[::-1]
    return {event.key: (low, high) for event, low, high in zip(events, lows, highs, strict=True)}


@remembered
def due_between(evidence: Evidence, session: str) -> Due | None:
    """From where to where events of a session were due; None when nothing of it reached the server."""
    keys = keys_of(evidence.sessions[session])
    columns = evidence.due_columns(keys) if session in evidence.stretches else None
    if columns is None:
        places = dues(evidence, session).values()
        return (min(map(itemgetter(0), places)), max(map(itemgetter(1), places))) if places else None
    lows, highs = columns
    low, high = from_column(lows[lows >= 0].min()), from_column(highs[highs >= 0].max())
    if (lows >= 0).all():
        return low, high
    opened, closed = _bounds(evidence, session, low, high)
    return low if lows[0] >= 0 else min(low, opened), high if highs[-1] >= 0 else max(high, closed)


def _bounds(evidence: Evidence, session: str, first: Position, last: Position) -> Due:
    mine = [each for each in evidence.exchanges if each.session == session]
    answers = [e.answered for e in mine if e.name == OPEN and e.ok]
    opened = [at for at in answers if at is not None and at < first]
    closed = [e.asked for e in mine if e.name == CLOSE and e.asked > last]
    return min(opened, default=first), max(closed, default=END)


def _carried(known: Iterable[Position | None], before: Position) -> list[Position]:
    """Each place, or where there is none the one before it in the list."""
    found = []
    for where in known:
        before = before if where is None else where
        found.append(before)
    return found


def owe(evidence: Evidence, watches: Iterable[Watch], isolated: bool) -> Iterator[Expectation]:
    """The expectations that follow from watches. `isolated`: who doesn't watch a session must never see it."""
    told, replays = gaps_told(evidence), evidence.contract.replays
    listed: dict[tuple[str, str | None], list[Watch]] = {}
    for watch in watches:
        listed.setdefault((watch.dashboard, watch.session), []).append(watch)
    for session in evidence.sessions:
        due = _Dues(evidence, session)
        for label in evidence.contract.dashboards:
            if (why := _why_never(evidence, label, session)) is not None:
                yield Expectation(due.keys, label, Level.NEVER, why)
                continue
            promises = [
                _Promise(watch, replays, due.last > watch.start, told.get((watch.load, session), 0), isolated)
                for watch in (*listed.get((label, None), ()), *listed.get((label, session), ()))
            ]
            if promises:
                yield from _owed_of_session(evidence, due, label, promises)
            else:
                yield Expectation(due.keys, label, *_absent(label, session, isolated))


def _why_never(evidence: Evidence, label: str, session: str) -> Finding | None:
    """Why no dashboard, or not this one, may see anything of a session; None where it may."""
    if session in evidence.rejected:
        return Finding(Aspect.REJECTED, session=session, text=evidence.rejected[session] or None)
    if not evidence.may_see(label, session):
        return Finding(Aspect.NOT_ENTITLED, party=f"dashboard:{label}", session=session)
    return None


def _owed_of_session(evidence: Evidence, due: _Dues, label: str, promises: Sequence[_Promise]) -> Iterator[Expectation]:
    """What a dashboard that watched a session is owed of it: in one where that is all, else event by event."""
    missed, first = _missed(evidence, label), promises[0]
    if not missed and not due.unclaimed and due.extent is not None and first.covers(*due.extent):
        yield Expectation(due.keys, label, Level.MUST, WATCHED, first.load)
        return
    for event in due.events:
        owed = _owed(event, label, promises, due.of_each.get(event.key), event.key not in due.unclaimed)
        is_missed = event.key in missed and owed.level is Level.MUST
        yield replace(owed, level=Level.MAY, why=_struck(evidence, label), observer=None) if is_missed else owed


def _missed(evidence: Evidence, label: str) -> frozenset[str]:
    """The events that a fault may have cost a dashboard; none where it came back to a system that replays them."""
    if not evidence.contract.replays:
        return excused(evidence, label)
    party = f"dashboard:{label}"
    return evidence.strikes.touched(party) if evidence.strikes.is_gone(party) else frozenset()


def excused(evidence: Evidence, label: str) -> frozenset[str]:
    """The events that a fault may have cost a dashboard for good; none in a system that replays what was missed."""
    if evidence.contract.replays:
        return frozenset()
    return evidence.strikes.touched(*_on_its_way(evidence, label))


def _on_its_way(evidence: Evidence, label: str) -> tuple[str, ...]:
    """Who has to work for an event to come to a dashboard."""
    return (f"dashboard:{label}", SERVER, *evidence.exits)


def _struck(evidence: Evidence, label: str) -> Finding:
    """Which of them the harness's faults struck."""
    struck = evidence.strikes.parties.intersection(_on_its_way(evidence, label))
    return Finding(Aspect.STRUCK, party=f"dashboard:{label}", items=tuple(sorted(struck)))


class _Dues:
    """Where the events of a session were due. Of a session that went well, the place of each is never needed."""

    def __init__(self, evidence: Evidence, session: str) -> None:
        self._evidence, self._session = evidence, session
        self.events = evidence.sessions[session]
        self.keys = keys_of(self.events)
        self._stretch = evidence.stretches.get(session)
        self.last = START if self._stretch is None else self._stretch[1]

    @cached_property
    def unclaimed(self) -> Set[str]:
        """Events that the server can't be taken to have: it did not say so, and nothing else does."""
        confirmed = self._evidence.confirmed
        unanswered = set[str]() if is_subset(self.keys, confirmed) else {*self.keys} - confirmed
        return {key for key in unanswered if not self._evidence.is_claimed(self._evidence.events[key])}

    @cached_property
    def of_each(self) -> dict[str, Due]:
        """Event key to where it was due; empty when nothing of the session reached the server."""
        return dues(self._evidence, self._session)

    @cached_property
    def extent(self) -> Due | None:
        """From where to where events of the session were due; None when nothing of it reached the server."""
        if is_subset(self.keys, self._evidence.said[Hop.ROUTED].keys):
            return self._stretch
        return due_between(self._evidence, self._session)


def _absent(label: str, session: str, isolated: bool) -> Promised:
    if isolated:
        return Level.NEVER, Finding(Aspect.NEVER_ASKED, party=f"dashboard:{label}", session=session)
    return Level.MAY, Finding(Aspect.NOT_CONNECTED, party=f"dashboard:{label}")


_RANK = {Level.MUST: 2, Level.MAY: 1, Level.NEVER: 0}


def _owed(event: Event, label: str, promises: Iterable[_Promise], due: Due | None, is_claimed: bool) -> Expectation:
    """The strongest promise of several watches."""
    said = [(*promise.of(event, due, is_claimed), promise.load) for promise in promises]
    level, why, load = max(said, key=lambda each: _RANK[each[0]])
    return Expectation((event.key,), label, level, why, load if level is Level.MUST else None)


@dataclass(frozen=True, slots=True)
class _Promise:
    """One watch and one session: what is promised of its events.

    `goes_on`: the session had events to route after the start of the watch. `kept_from`: the page was told that the
    journal begins with this number.
    """

    watch: Watch
    replays: bool
    goes_on: bool
    kept_from: int
    isolated: bool

    @property
    def load(self) -> str | None:
        """The page that is owed it: what is replayed has to be in the one that the person looks at in the end."""
        return self.watch.load if self.replays else None

    def covers(self, first: Position, last: Position) -> bool:
        """Whether all of this was due on one connection of the watch, so that `of` has one answer: it is owed."""
        watch = self.watch
        is_within = watch.start <= first and last <= watch.end and last <= watch.left and not self.kept_from
        return is_within and any(span.start <= first and last <= span.end for span in watch.spans)

    def of(self, event: Event, due: Due | None, is_claimed: bool) -> Promised:
        """What is promised of one event."""
        if due is None:
            return self._without_a_place(is_claimed)
        level, why = self._at(due[0], event.seq or 0)
        if due[1] is not due[0] and self._at(due[1], event.seq or 0)[0] is not level:
            level, why = Level.MAY, Finding(Aspect.PERHAPS_WATCHED)
        if level is not Level.MUST:
            return level, why
        if not is_claimed:
            return Level.MAY, UNACKNOWLEDGED
        if (event.seq or 0) < self.kept_from:
            return Level.MAY, Finding(Aspect.JOURNAL_SHORT)
        return level, why

    def _without_a_place(self, is_claimed: bool) -> Promised:
        if not is_claimed:
            return Level.MAY, UNACKNOWLEDGED
        if self.watch.end == END:
            return Level.MUST, Finding(Aspect.WATCHED_TO_THE_END)
        return Level.MAY, Finding(Aspect.PERHAPS_LEFT)

    def _at(self, at: Position, seq: int) -> Promised:
        watch = self.watch
        if at > watch.left and self.isolated:
            return Level.NEVER, Finding(Aspect.GIVEN_UP, party=f"dashboard:{watch.dashboard}")
        if at > watch.end:
            return Level.MAY, Finding(Aspect.LEAVING)
        if at >= watch.start:
            if not watch.is_away(at):
                return Level.MUST, WATCHED
            if (self.replays and watch.end == END) or watch.is_cut_off(at):
                return Level.MUST, Finding(Aspect.CAME_BACK)
            return Level.MAY, Finding(Aspect.AWAY)
        if at >= watch.asked and not (self.replays and watch.whole):
            return Level.MAY, Finding(Aspect.SUBSCRIBING)
        if self.replays and seq > watch.after and (watch.whole or self.goes_on):
            return Level.MUST, Finding(Aspect.JOURNAL_PROMISED)
        return Level.MAY, Finding(Aspect.ROUTED_BEFORE)
