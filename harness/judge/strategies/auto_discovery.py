"""Auto-discovery: sessions are announced, dashboards join by themselves, and nothing is lost in between."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import takewhile
from typing import TypeAlias

from harness.judge.messages.notices import BETWEEN, hops_of_absence, routed
from harness.judge.starving import unless_never_tried, unless_starved
from harness.judge.strategies.owed import owe
from harness.judge.strategies.stays import had_time, left_ns
from harness.judge.strategies.watch import Span, Watch, everything
from harness.model import (
    Aspect,
    Expectation,
    Fact,
    Finding,
    Hop,
    Kind,
    Level,
    Outcome,
    PropertyResult,
    Settled,
)
from harness.model.facts import Answered, Connected, Disconnected, Notice, Requested
from harness.record.evidence import CLOSE, END, OPEN, Evidence, Exchange, Position, first_object, label_of, position

ANNOUNCED, ENDED = "session:announced", "session:ended"

Announcements: TypeAlias = Mapping[tuple[str, str | None], list[Fact[Notice]]]
"""The notices of one name that each page load was delivered, by (page load, session)."""


class AutoDiscovery:
    """A1 to A6."""

    name = "auto-discovery"
    refuses_sessions = False
    announces_sessions = True
    trade_off = (
        "sessions are announced and dashboards join by themselves: nothing to choose, but each "
        "announcement has to come before the first event"
    )

    def expectations(self, evidence: Evidence) -> Iterable[Expectation]:
        return owe(evidence, everything(evidence), isolated=False)

    def properties(self, evidence: Evidence, settled: Sequence[Settled]) -> Iterable[PropertyResult]:
        watches = everything(evidence)
        if not evidence.contract.asks:
            return
        heard = notices(evidence, ANNOUNCED)
        yield _before_first_event(evidence, heard)
        yield _joined_in_time(evidence, heard)
        yield PropertyResult.of_settled("A3", (s for s in settled if s.expectation.level is Level.MUST))
        yield _late_learns(evidence, watches, heard)
        yield _once(evidence, heard)
        yield _empty_sessions(evidence, watches, heard)


def notices(evidence: Evidence, name: str) -> Announcements:
    """What each page load was told of sessions under one name."""
    found: dict[tuple[str, str | None], list[Fact[Notice]]] = defaultdict(list)
    for fact in evidence.facts(Notice):
        payload = fact.body.payload
        if fact.body.name == name and isinstance(payload, Mapping):
            found[fact.observer, str(payload.get("session"))].append(fact)
    return dict(found)


def _untold(evidence: Evidence, prop: str, label: str, why: Finding, name: str, load: str | None) -> Outcome:
    """A notice that did not arrive. Where nothing but pages observes notices, two hops may be to blame."""
    unproven = evidence.why_unproven(Hop.DELIVERED, label)
    if unproven is not None:
        return Outcome(Kind.UNDETERMINED, prop, None, label, None, (), unproven)
    hops = BETWEEN if load is None else hops_of_absence(evidence, name, why.session or "", load)
    return Outcome(Kind.LOST, prop, None, label, hops[0] if len(hops) == 1 else None, hops, why)


def _before_first_event(evidence: Evidence, heard: Announcements) -> PropertyResult:
    """A1: the announcement reaches a dashboard before the session's first event."""
    checks, found = 0, []
    for load, sightings in evidence.page[Hop.DELIVERED].items():
        firsts: dict[str | None, int] = {}
        for sighting in sightings:
            firsts.setdefault(sighting.event.session, sighting.n)
        known = _known_before(evidence, load)
        for session, n in firsts.items():
            if session in known or not evidence.may_see(label_of(load), session):
                continue
            checks += 1
            told, label = heard.get((load, session)), label_of(load)
            if told is None:
                why = Finding(Aspect.UNANNOUNCED, session=session)
                found.append(_untold(evidence, "A1", label, why, ANNOUNCED, load))
            elif told[0].n > n:
                why = Finding(Aspect.ANNOUNCED_LATE, session=session)
                hop = _where_late(evidence, session or "", load)
                found.append(Outcome(Kind.REORDERED, "A1", None, label, hop, (hop,), why))
    return PropertyResult.of("A1", checks, found)


def _where_late(evidence: Evidence, session: str, load: str) -> Hop:
    """Whether the server itself announced a session to a page after it had routed its first event there."""
    mine = {sid for sid, holder in evidence.sids.items() if holder == load}
    told = [f for f in routed(evidence, ANNOUNCED, session) if not mine.isdisjoint(f.body.recipients or mine)]
    keys = (event.key for event in evidence.events_of(session))
    sightings = (s for key in keys for s in evidence.once[Hop.ROUTED].get(key, ()))
    first = min((position(s) for s in sightings if not mine.isdisjoint(s.recipients or mine)), default=END)
    return Hop.ROUTED if told and first < position(told[0]) else Hop.DELIVERED


def _known_before(evidence: Evidence, load: str) -> set[str | None]:
    """Sessions that a page knew from its former loads."""
    earlier = takewhile(load.__ne__, evidence.loads_of(label_of(load)))
    return {evidence.events[key].session for each in earlier for key in evidence.counted(Hop.DELIVERED, each)}


def _joined_in_time(evidence: Evidence, heard: Announcements) -> PropertyResult:
    """A2: the page's subscription is answered within the bound, on the page's own clock."""
    joined, left = _first_answers(evidence), left_ns(evidence)
    checks, found = 0, []
    for (load, session), told in heard.items():
        if session in _known_before(evidence, load) or not evidence.may_see(label_of(load), session):
            continue  # the page asked for it when it connected, or is refused it
        label, answer = label_of(load), joined.get((load, session))
        if answer is None and not had_time(evidence, left, load, told[0].at_ns):
            continue
        checks += 1
        if answer is None:
            why = Finding(Aspect.NEVER_JOINED, session=session)
            missing = _untold(evidence, "A2", label, why, ANNOUNCED, None)
            found.append(unless_never_tried(evidence, missing, told[0].at_ns))
        elif (took_ms := (answer.at_ns - told[0].at_ns) / 1e6) > (bound_ms := evidence.contract.bound_ms):
            why = Finding(Aspect.JOINED_LATE, session=session, measured_ms=took_ms, bound_ms=bound_ms)
            late = Outcome(Kind.LATE, "A2", None, label, Hop.ROUTED, (Hop.ROUTED,), why)
            found.append(unless_starved(evidence, late, told[0].at_ns, answer.at_ns))
    return PropertyResult.of("A2", checks, found)


def _first_answers(evidence: Evidence) -> dict[tuple[str, str | None], Fact[Answered]]:
    """(Page load, session) to the first good answer that it got to a subscription."""
    asked: dict[tuple[str, str | None, int | None], str] = {}
    for fact in evidence.facts(Requested):
        if fact.body.name == "subscribe":
            session = first_object(fact.body.args).get("session")
            asked[fact.observer, fact.body.sid, fact.body.id] = str(session)
    found: dict[tuple[str, str | None], Fact[Answered]] = {}
    for answer in evidence.facts(Answered):
        requested = asked.get((answer.observer, answer.body.sid, answer.body.id))
        if requested is not None and first_object(answer.body.args).get("ok") is True:
            found.setdefault((answer.observer, requested), answer)
    return found


def _late_learns(evidence: Evidence, watches: Sequence[Watch], heard: Announcements) -> PropertyResult:
    """A4: a dashboard that comes while sessions are active learns of each of them."""
    checks, found, left = 0, [], left_ns(evidence)
    came = {fact.body.sid: fact.at_ns for fact in evidence.facts(Connected)}
    for session, opening in _accepted(evidence):
        over = _active_until(evidence, session)
        for dashboard, span in _connections(evidence, watches, session):
            is_late = (opening.answered or END) < span.start < over
            if not is_late or not had_time(evidence, left, span.load, came.get(span.sid, 0)):
                continue
            checks += 1
            if (span.load, session) not in heard:
                why = Finding(Aspect.UNTOLD, session=session)
                found.append(_untold(evidence, "A4", dashboard, why, ANNOUNCED, span.load))
    return PropertyResult.of("A4", checks, found)


def _connections(evidence: Evidence, watches: Iterable[Watch], session: str) -> Iterator[tuple[str, Span]]:
    """Each connection of each dashboard that may see a session."""
    mine = (watch for watch in watches if evidence.may_see(watch.dashboard, session))
    return ((watch.dashboard, span) for watch in mine for span in watch.spans)


def _accepted(evidence: Evidence) -> Iterable[tuple[str, Exchange]]:
    """The sessions that the server let begin, each with the request for it."""
    return [(e.session, e) for e in evidence.exchanges if e.name == OPEN and e.ok and e.session is not None]


def _active_until(evidence: Evidence, session: str) -> Position:
    """Where a session was surely still active in the server's record: up to its terminal event or its closing."""
    terminal = [e.key for e in evidence.events_of(session) if e.name in evidence.contract.terminal]
    ends = [where for key in terminal if (where := evidence.routed_at(key)) is not None]
    ends += [e.asked for e in evidence.exchanges if e.name == CLOSE and e.session == session]
    sids = {e.sid for e in evidence.exchanges if e.name == OPEN and e.session == session}
    ends += [position(f) for f in evidence.facts(Disconnected) if f.body.sid in sids]
    return min(ends, default=END)


def _once(evidence: Evidence, heard: Announcements) -> PropertyResult:
    """A5: one announcement for each connection of a dashboard and session."""
    found, connections = [], Counter(evidence.sids.values())
    for (load, session), told in heard.items():
        if len(told) > max(connections[load], 1):
            why = Finding(Aspect.ANNOUNCED_OFTEN, session=session, count=len(told), expected=connections[load])
            hops = (Hop.ROUTED, Hop.DELIVERED)
            found.append(Outcome(Kind.DUPLICATED, "A5", None, label_of(load), None, hops, why))
    return PropertyResult.of("A5", len(heard), found)


def _empty_sessions(evidence: Evidence, watches: Sequence[Watch], heard: Announcements) -> PropertyResult:
    """A6: a session without events appears at every dashboard that is there, and ends where that stays to see it."""
    ended, left = notices(evidence, ENDED), left_ns(evidence)
    checks, found = 0, []
    for session, opening in _accepted(evidence):
        if evidence.events_of(session):
            continue
        closed = [e.asked for e in evidence.exchanges if e.name == CLOSE and e.session == session and e.ok]
        for dashboard, span in _connections(evidence, watches, session):
            is_there = span.start < opening.asked < span.end
            if not is_there or not had_time(evidence, left, span.load, opening.asked_ns):
                continue
            checks += 1
            missing = [] if (span.load, session) in heard else ["appear"]
            if (span.load, session) not in ended and any(at < span.end for at in closed):
                missing.append("end")
            if missing:
                why = Finding(Aspect.EMPTY_SESSION, session=session, items=tuple(missing))
                name = ANNOUNCED if "appear" in missing else ENDED
                found.append(_untold(evidence, "A6", dashboard, why, name, span.load))
    return PropertyResult.of("A6", checks, found)


STRATEGY = AutoDiscovery()
