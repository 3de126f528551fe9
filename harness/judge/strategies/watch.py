"""When a dashboard watched a session: the spans of the server's record in which events are owed to it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from operator import attrgetter, itemgetter
from typing import TypeAlias

from harness.model import CHOOSE, Aspect, Event, Expectation, Finding, Hop, Level
from harness.model.facts import ActionTaken, Connected, Disconnected, Notice
from harness.record.evidence import CLOSE, END, OPEN, START, Evidence, Position, label_of, position
from harness.record.evidence.keys import is_subset
from harness.record.evidence.observers import SERVER
from harness.record.evidence.stored_events import keys_of
from harness.record.remembered import remembered

key_of = attrgetter("key")

WATCHED = Finding(Aspect.WATCHED)
UNACKNOWLEDGED = Finding(Aspect.UNACKNOWLEDGED)
STRUCK = Finding(Aspect.AWAY)


@dataclass(frozen=True, slots=True)
class Span:
    """One connection of one page load, in the server's record."""

    sid: str
    load: str
    start: Position
    end: Position


@dataclass(frozen=True, slots=True)
class Watch:
    """A dashboard's standing interest in one session, or in all (`session` None).

    Events are allowed from `asked`, owed from `start` to `end`, and allowed until `left`; `spans` are the connections
    in between and `load` is the page that ends up with what is owed. `whole`: what came before `start` is owed too,
    from the journal, as far as it lies after sequence number `after`.
    """

    dashboard: str
    session: str | None
    asked: Position
    start: Position
    end: Position
    left: Position
    load: str
    spans: tuple[Span, ...]
    whole: bool = False
    after: int = 0

    def is_away(self, at: Position) -> bool:
        """Whether the dashboard had no connection at this place of the watch."""
        for span in self.spans:  # noqa: SIM110  # asked of every event, where any() would take three times as long
            if span.start <= at <= span.end:
                return False
        return True


Due: TypeAlias = tuple[Position, Position]
"""Where an event was routed; for one that was not, the places between which it would have been."""

Promised: TypeAlias = tuple[Level, Finding]
"""What is promised, and the sentence that says why."""


def connections(evidence: Evidence) -> dict[str, list[Span]]:
    """Dashboard label to its connections, in the server's order. One that nobody ended lasts as long as its server.

    Where nobody observes the server, its record is empty: a connection that the page had is then taken to be there
    from the beginning, for dashboards are opened before anything is emitted.
    """
    ends = {f.body.sid: position(f) for f in evidence.facts(Disconnected)}
    found: dict[str, list[Span]] = {label: [] for label in evidence.contract.dashboards}
    for fact in evidence.facts(Connected):
        sid = fact.body.sid
        load = evidence.sids.get(sid)
        if load is not None:
            start = position(fact)
            lasting = END if start[0] == evidence.last_server else (start[0], END[0])
            found.setdefault(label_of(load), []).append(Span(sid, load, start, ends.get(sid, lasting)))
    if not evidence.has_tap(Hop.ROUTED) and not any(found.values()):
        for sid, load in evidence.sids.items():
            found.setdefault(label_of(load), []).append(Span(sid, load, START, END))
    return found


def absences(evidence: Evidence) -> dict[str, list[tuple[Position, Position]]]:
    """Dashboard label to the gaps between its connections, in the server's record."""
    found = {}
    for label, spans in connections(evidence).items():
        gaps, until = [], None
        for span in spans:
            if until is not None and span.start > until:
                gaps.append((until, span.start))
            until = span.end if until is None else max(until, span.end)
        found[label] = gaps
    return found


def everything(evidence: Evidence) -> list[Watch]:
    """The watches of dashboards that are owed every session while they are connected."""
    watches = []
    for label, spans in connections(evidence).items():
        if spans:
            start, end = spans[0].start, max(span.end for span in spans)
            watches.append(Watch(label, None, start, start, end, end, spans[-1].load, tuple(spans)))
    return watches


def chosen(evidence: Evidence) -> list[Watch]:
    """The watches of dashboards that were told which session to show, in a system whose requests nobody knows."""
    sessions: dict[str, str] = {}
    for fact in evidence.facts(ActionTaken):
        if fact.body.name == CHOOSE and fact.body.dashboard is not None:
            sessions[fact.body.dashboard] = fact.body.detail
    return [
        replace(watch, session=sessions[watch.dashboard])
        for watch in everything(evidence)
        if watch.dashboard in sessions
    ]


def gaps_told(evidence: Evidence) -> Mapping[tuple[str, str], int]:
    """What pages were told of journals that kept too little: (page load, session) to the first number kept."""
    found: dict[tuple[str, str], int] = {}
    for fact in evidence.facts(Notice):
        payload = fact.body.payload
        if fact.body.name == "session:gap" and isinstance(payload, Mapping):
            first = payload.get("from_seq")
            found[fact.observer, str(payload.get("session"))] = first if isinstance(first, int) else 0
    return found


def first_routed(evidence: Evidence, session: str) -> Position | None:
    """Where the session's first event was routed, or else received."""
    stretch = evidence.stretches.get(session)
    return None if stretch is None else stretch[0]


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
    listed, told, rejected, replays = list(watches), gaps_told(evidence), evidence.rejected, evidence.contract.replays
    for session, events in evidence.sessions.items():
        keys = keys_of(events)
        if session in rejected:
            why = Finding(Aspect.REJECTED, session=session, text=rejected[session] or None)
            yield from (Expectation(keys, label, Level.NEVER, why) for label in evidence.contract.dashboards)
            continue
        due = _Dues(evidence, session)
        unanswered = {*keys} - evidence.confirmed if not is_subset(keys, evidence.confirmed) else set[str]()
        unclaimed = {key for key in unanswered if not evidence.is_claimed(evidence.events[key])}
        for label in evidence.contract.dashboards:
            mine = [
                _Promise(watch, replays, due.last > watch.start, told.get((watch.load, session), 0), isolated)
                for watch in listed
                if watch.dashboard == label and watch.session in (None, session)
            ]
            is_owed_later = replays and not evidence.strikes.is_gone(f"dashboard:{label}")
            struck = [f"dashboard:{label}"] if replays else [f"dashboard:{label}", SERVER, *evidence.exits]
            missed = frozenset[str]() if is_owed_later else evidence.strikes.touched(*struck)
            if not mine:
                yield Expectation(keys, label, *_absent(label, session, isolated))
            elif not missed and not unclaimed and due.extent is not None and mine[0].covers(*due.extent):
                yield Expectation(keys, label, Level.MUST, WATCHED, mine[0].load)
            else:
                for event in events:
                    owed = _owed(event, label, mine, due.of_each.get(event.key), event.key not in unclaimed)
                    is_missed = event.key in missed and owed.level is Level.MUST
                    yield replace(owed, level=Level.MAY, why=STRUCK, observer=None) if is_missed else owed


class _Dues:
    """Where the events of a session were due. Nobody asks where each of them was of a session that went well."""

    def __init__(self, evidence: Evidence, session: str) -> None:
        self._evidence, self._session = evidence, session
        self._stretch = evidence.stretches.get(session)
        self.last = START if self._stretch is None else self._stretch[1]

    @cached_property
    def of_each(self) -> dict[str, Due]:
        """Event key to where it was due; empty when nothing of the session reached the server."""
        return dues(self._evidence, self._session)

    @cached_property
    def extent(self) -> Due | None:
        """From where to where events of the session were due; None when nothing of it reached the server."""
        if is_subset(keys_of(self._evidence.sessions[self._session]), self._evidence.said[Hop.ROUTED].keys):
            return self._stretch
        places = self.of_each.values()
        return (min(map(itemgetter(0), places)), max(map(itemgetter(1), places))) if places else None


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
            if self.replays and watch.end == END:
                return Level.MUST, Finding(Aspect.CAME_BACK)
            return Level.MAY, Finding(Aspect.AWAY)
        if at >= watch.asked and not (self.replays and watch.whole):
            return Level.MAY, Finding(Aspect.SUBSCRIBING)
        if self.replays and seq > watch.after and (watch.whole or self.goes_on):
            return Level.MUST, Finding(Aspect.JOURNAL_PROMISED)
        return Level.MAY, Finding(Aspect.ROUTED_BEFORE)
