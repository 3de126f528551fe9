"""When a dashboard watched a session: the spans of the server's record in which events are owed to it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from harness.evidence import END, Evidence, Position, label_of, position
from harness.model import Event, Expectation, FactKind, Hop, Level


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

    Events are allowed from `asked` and owed from `start` to `end`; `spans` are the connections in between and `load`
    is the page that ends up with what is owed. `whole`: what came before `start` is owed too, from the journal.
    """

    dashboard: str
    session: str | None
    asked: Position
    start: Position
    end: Position
    load: str
    spans: tuple[Span, ...]
    whole: bool = False

    def is_away(self, at: Position) -> bool:
        """Whether the dashboard had no connection at this place of the record."""
        return self.start <= at <= self.end and not any(span.start <= at <= span.end for span in self.spans)


def connections(evidence: Evidence) -> dict[str, list[Span]]:
    """Dashboard label to its connections, in the server's order."""
    ends = {str(f.data["sid"]): position(f) for f in evidence.facts(FactKind.DISCONNECTED)}
    found: dict[str, list[Span]] = {label: [] for label in evidence.contract.dashboards}
    for fact in evidence.facts(FactKind.CONNECTED):
        sid = str(fact.data["sid"])
        load = evidence.sids.get(sid)
        if load is not None:
            start = position(fact)
            end = ends.get(sid, (start[0], END[0]))
            found.setdefault(label_of(load), []).append(Span(sid, load, start, end))
    last = max((span.start[0] for spans in found.values() for span in spans), default=1)
    return {label: [_open(span, last) for span in spans] for label, spans in found.items()}


def _open(span: Span, last_server: int) -> Span:
    """A connection that nobody ended, to the last server that ran, lasts to the end."""
    lasts = span.end[1] == END[0] and span.start[0] == last_server
    return Span(span.sid, span.load, span.start, END) if lasts else span


def everything(evidence: Evidence) -> list[Watch]:
    """The watches of dashboards that are owed every session while they are connected."""
    watches = []
    for label, spans in connections(evidence).items():
        if spans:
            start, end = spans[0].start, max(span.end for span in spans)
            watches.append(Watch(label, None, start, start, end, spans[-1].load, tuple(spans)))
    return watches


def going_on(evidence: Evidence, session: str, at: Position) -> bool:
    """Whether the session still had an event to route behind this place of the record."""
    routed = (evidence.routed_at(event.key) for event in evidence.sessions.get(session, ()))
    return any(where is not None and where > at for where in routed)


def places(evidence: Evidence, events: Iterable[Event]) -> dict[str, Position | None]:
    """Where each event of one session was routed, or would have been: behind its predecessor, before its successor."""
    listed = list(events)
    known = {event.key: evidence.routed_at(event.key) for event in listed}
    nearest: Position | None = None
    for event in [*listed, *reversed(listed)]:
        where = known[event.key]
        if where is None:
            known[event.key] = nearest
        else:
            nearest = where
    return known


def gaps(evidence: Evidence) -> Mapping[tuple[str, str], int]:
    """What pages were told of journals that kept too little: (page load, session) to the first number kept."""
    found: dict[tuple[str, str], int] = {}
    for fact in evidence.facts(FactKind.NOTICE):
        payload = fact.data.get("payload")
        if fact.data.get("name") == "session:gap" and isinstance(payload, Mapping):
            found[(fact.observer, str(payload.get("session")))] = int(payload.get("from_seq") or 0)
    return found


def owe(evidence: Evidence, watches: Iterable[Watch], isolated: bool) -> Iterator[Expectation]:
    """The expectations that follow from watches. `isolated`: who doesn't watch a session must never see it."""
    listed = list(watches)
    told = gaps(evidence)
    for session, events in evidence.sessions.items():
        rejected = evidence.rejected.get(session)
        where = places(evidence, events)
        for label in evidence.contract.dashboards:
            mine = [w for w in listed if w.dashboard == label and w.session in (None, session)]
            goes_on = {watch: going_on(evidence, session, watch.start) for watch in mine}
            for event in events:
                if rejected is not None:
                    yield Expectation(event.key, label, Level.NEVER, f"session {session} was rejected ({rejected})")
                    continue
                yield _owed(evidence, event, label, mine, where[event.key], goes_on, told, isolated)


def _owed(
    evidence: Evidence,
    event: Event,
    label: str,
    mine: list[Watch],
    at: Position | None,
    goes_on: Mapping[Watch, bool],
    told: Mapping[tuple[str, str], int],
    isolated: bool,
) -> Expectation:
    best: Expectation | None = None
    for watch in mine:
        level, why = _level(evidence, event, watch, at, goes_on[watch])
        if level is Level.MUST and (event.seq or 0) < told.get((watch.load, event.session or ""), 0):
            level, why = Level.MAY, "the journal kept too little, and the page was told so"
        load = watch.load if level is Level.MUST and evidence.contract.replays else None
        found = Expectation(event.key, label, level, why, load)
        if best is None or (level is Level.MUST and best.level is not Level.MUST):
            best = found
    if best is not None:
        return best
    if isolated:
        return Expectation(event.key, label, Level.NEVER, f"dashboard {label} never asked for session {event.session}")
    return Expectation(event.key, label, Level.MAY, f"dashboard {label} was not connected to the server")


def _level(evidence: Evidence, event: Event, watch: Watch, at: Position | None, goes_on: bool) -> tuple[Level, str]:
    """What one watch owes its dashboard of one event."""
    if not evidence.is_claimed(event):
        return Level.MAY, "the producer never had it acknowledged"
    if at is None:
        still = watch.end == END
        return (
            (Level.MUST, "connected to the end") if still else (Level.MAY, "left, and nobody knows when this was due")
        )
    if at > watch.end:
        return Level.MAY, "the dashboard had left"
    replays = evidence.contract.replays
    if at >= watch.start:
        if watch.is_away(at) and not (replays and watch.end == END):
            return Level.MAY, "the dashboard was away, and no replay is promised"
        return Level.MUST, "the dashboard watched when it was routed"
    if at >= watch.asked:
        return Level.MAY, "routed while the subscription was on its way"
    if replays and (watch.whole or goes_on):
        return Level.MUST, "routed before, and the journal is promised"
    return Level.MAY, "routed before the dashboard watched"


def first_routed(evidence: Evidence, session: str) -> Position | None:
    """Where the session's first event was routed."""
    found = [
        w
        for e in evidence.sessions.get(session, ())
        if (w := evidence.routed_at(e.key)) and e.key in evidence.once[Hop.ROUTED]
    ]
    return min(found, default=None)
