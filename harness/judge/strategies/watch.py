"""When a dashboard watched a session: the spans of the server's record in which events are owed to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from operator import attrgetter

from harness.model import CHOOSE, LOSE, Hop
from harness.model.facts import ActionTaken, Notice, Requested
from harness.record.evidence import (
    BY_CLIENT,
    END,
    START,
    Evidence,
    Position,
    first_object,
    label_of,
    position,
)


@dataclass(frozen=True, slots=True)
class Span:
    """One connection of one page load, in the server's record; whether the page itself ended it, or the harness."""

    sid: str
    load: str
    start: Position
    end: Position
    is_given_up: bool = False


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

    def is_cut_off(self, at: Position) -> bool:
        """Whether one page had lost its connection before this place and has another after it, unintended.

        Then replays don't matter: such a page was to be there all the time. Not one that is loaded again, or left by
        itself.
        """
        before = max((span for span in self.spans if span.end < at), key=attrgetter("end"), default=None)
        after = min((span for span in self.spans if span.start > at), key=attrgetter("start"), default=None)
        if before is None or after is None or before.is_given_up:
            return False
        return before.load == after.load and before.end[0] == after.start[0]  # under one start of the server


def connections(evidence: Evidence) -> dict[str, list[Span]]:
    """Dashboard label to its connections, in the server's order. One that was not ended lasts as long as its server.

    Where the server is not observed, its record is empty: a connection that the page had is then taken to be there
    from the beginning, for dashboards are opened before anything is emitted.
    """
    found: dict[str, list[Span]] = {label: [] for label in evidence.contract.dashboards}
    cut = {fact.body.dashboard for fact in evidence.facts(ActionTaken) if fact.body.name == LOSE}
    for stay in evidence.stays:
        sid = stay.began.body.sid
        load = evidence.sids.get(sid)
        if load is not None:
            start = position(stay.began)
            lasting = END if start[0] == evidence.last_server else (start[0], END[0])
            end = lasting if stay.end is None else position(stay.end)
            reason = None if stay.end is None else stay.end.body.reason
            is_given_up = reason == BY_CLIENT or label_of(load) in cut
            found.setdefault(label_of(load), []).append(Span(sid, load, start, end, is_given_up))
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
    """The watches of dashboards that were told which session to show, in a system whose requests are not known."""
    sessions = choices(evidence)
    return [
        replace(watch, session=sessions[watch.dashboard])
        for watch in everything(evidence)
        if watch.dashboard in sessions
    ]


def choices(evidence: Evidence) -> dict[str, str]:
    """Dashboard label to the session that it was told to show last."""
    told = (fact.body for fact in evidence.facts(ActionTaken) if fact.body.name == CHOOSE)
    return {body.dashboard: body.detail for body in told if body.dashboard is not None}


def gaps_told(evidence: Evidence) -> Mapping[tuple[str, str], int]:
    """What pages were told of journals that kept too little: (page load, session) to the first number kept.

    A session with no more events than the journal keeps can't lack any: what is told of it excuses nothing.
    """
    keeps = evidence.contract.keeps
    found: dict[tuple[str, str], int] = {}
    for fact in evidence.facts(Notice):
        payload = fact.body.payload
        if fact.body.name == "session:gap" and isinstance(payload, Mapping):
            first, session = payload.get("from_seq"), str(payload.get("session"))
            if keeps is None or len(evidence.events_of(session)) > keeps:
                found[fact.observer, session] = first if isinstance(first, int) else 0
    return found


def first_routed(evidence: Evidence, session: str) -> Position | None:
    """Where the session's first event was routed, or else received."""
    stretch = evidence.stretches.get(session)
    return None if stretch is None else stretch[0]


def held_before(evidence: Evidence, dashboard: str, session: str, after: int) -> int:
    """The number up to which a page that asks for what comes after another one has a session: that one, or less.

    A page that asks for more than it had got is owed what lies between all the same. One that asks for nothing at all
    (after a number that no event has) is in the room already, and needs no replay.
    """
    last = max((event.seq or 0 for event in evidence.events_of(session)), default=0)
    if not 0 < after < last or not evidence.has_tap(Hop.DELIVERED, dashboard):
        return after
    told, got = gaps_told(evidence), 0
    for load in evidence.loads_of(dashboard):
        asked = [f.n for f in evidence.facts(Requested) if f.observer == load and _is_for(f.body, session, after)]
        seen = (s for s in evidence.on_page(Hop.DELIVERED, load) if not asked or s.n < asked[0])
        mine = [s.event.seq or 0 for s in seen if s.event.session == session]
        got = max(got, told.get((load, session), 0) - 1, *mine)
        if asked:
            break
    return min(after, got)


def _is_for(asked: Requested, session: str, after: int) -> bool:
    said = first_object(asked.args)
    return asked.name == "subscribe" and said.get("session") == session and said.get("after") == after
