"""What a record shows so far, as plain data for the page. Pure; its texts are harmless (see escape).

state(…) = {"run", "phase", "verdict", "sentence", "path", "cause", "clis", "server", "rooms", "dashboards",
            "events", "total", "stuck", "stuck_total"}
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from typing import Any

from harness.diagnosis.unexplained import CAUSE as UNEXPLAINED
from harness.model import PAGE_SIDE, SERVER_SIDE, Answer, Event, Hop, Verdict
from harness.model.facts import (
    CliExited,
    CliStarted,
    Connected,
    CounterShown,
    Joined,
    Left,
    PageClosed,
    PageConnected,
    ServerStopped,
    StatusShown,
)
from harness.record.evidence import Evidence, label_of, position
from harness.record.rooms import each as names_of_rooms
from harness.reporting import sentences
from harness.reporting.escape import clip, visible
from harness.reporting.figures import Figures
from harness.reporting.page import view

MOST_EVENTS, MOST_STUCK, MOST_ROOMS, MOST_EVIDENCE = 200, 50, 12, 8
LONGEST = 400
"""Characters of a text that the page is told."""


class Phase(StrEnum):
    """How far a run is."""

    RUNNING = "running"
    JUDGED = "judged"
    STOPPED = "stopped"  # it has no verdict, and its record is no longer written


@dataclass(frozen=True, slots=True)
class Stuck:
    """An event that got as far as `after`, and not to `before`; `dashboard` is None where no single one is meant."""

    key: str
    dashboard: str | None
    after: Hop
    before: Hop


def state(name: str, evidence: Evidence, judged: Verdict, phase: Phase) -> dict[str, Any]:
    """What the page shows of a run. `name` is that of its folder.

    While it is running, no promise is called broken but those whose cause the record shows already.
    """
    verdict = judged if phase is Phase.JUDGED else _so_far(judged)
    figures = Figures(evidence, verdict)
    events = list(evidence.events.values())
    stuck = list(waiting(figures))
    return {
        "run": {
            "name": visible(name),
            "target": visible(evidence.contract.target),
            "strategy": visible(evidence.contract.strategy),
        },
        "phase": phase.value,
        "verdict": verdict.answer.value if phase is Phase.JUDGED else None,
        "sentence": _said(sentences.verdict(verdict)) if phase is Phase.JUDGED else "",
        "path": [asdict(step) for step in view.path(figures)],
        "cause": _cause(figures),
        "clis": [*_clis(evidence)],
        "server": _server(evidence),
        "rooms": _rooms(evidence),
        "dashboards": [_dashboard(figures, label) for label in figures.dashboards],
        "events": [_event(figures, event) for event in events[-MOST_EVENTS:]],
        "total": len(events),
        "session": evidence.contract.session and visible(clip(evidence.contract.session, LONGEST)),
        "sessions": len({event.session for event in events}),
        "stuck": [_stuck(each, evidence) for each in stuck[:MOST_STUCK]],
        "stuck_total": len(stuck),
    }  # fmt: skip


def _so_far(verdict: Verdict) -> Verdict:
    """The verdict on a run that goes on: what has no name may still be explained by what comes."""
    named = tuple(each for each in verdict.blame if each.cause != UNEXPLAINED)
    return replace(verdict, blame=named, answer=verdict.answer if named else Answer.UNKNOWN)


def waiting(figures: Figures) -> Iterator[Stuck]:
    """The events that have not come as far as they are owed, in the order of the record."""
    evidence = figures.evidence
    tapped = [hop for hop in Hop if evidence.has_tap(hop)]
    pages = [hop for hop in tapped if hop in PAGE_SIDE]
    last_server = max((hop for hop in tapped if hop in SERVER_SIDE), default=None)
    for key in evidence.events:
        owed = [label for label in figures.dashboards if key in (figures.owed or {}).get(label, ())]
        for label in owed if pages else ():
            after = _furthest(figures, key, label)
            if after is not None and after < pages[-1]:
                yield Stuck(key, label, after, min(hop for hop in tapped if hop > after))
        server = _furthest(figures, key, None)
        if not owed and last_server is not None and server is not None and server < min(last_server, Hop.RECEIVED):
            yield Stuck(key, None, server, min(hop for hop in tapped if hop > server))


def _furthest(figures: Figures, key: str, label: str | None) -> Hop | None:
    """The last hop that saw the event on its way to a dashboard; of those up to the server where none is meant."""
    evidence = figures.evidence
    for hop in reversed(PAGE_SIDE if label is not None else ()):
        if key in figures.at[hop].get(label or "", ()):
            return hop
    for hop in reversed(SERVER_SIDE):
        if evidence.at(hop, key) and (hop is not Hop.ROUTED or _is_resolved(evidence, key, label)):
            return hop
    return None


def _is_resolved(evidence: Evidence, key: str, label: str | None) -> bool:
    sids = evidence.recipients_of(key)
    if key in evidence.unresolved or label is None:
        return bool(sids) or key in evidence.unresolved
    return any(label_of(evidence.sids[sid]) == label for sid in sids if sid in evidence.sids)


def _stuck(each: Stuck, evidence: Evidence) -> dict[str, Any]:
    event = evidence.events[each.key]
    return {
        "key": visible(clip(each.key, LONGEST)), "name": visible(clip(event.name, LONGEST)), "seq": event.seq,
        "dashboard": each.dashboard and visible(each.dashboard), "after": each.after.label, "before": each.before.label,
    }  # fmt: skip


def _cause(figures: Figures) -> dict[str, Any] | None:
    found = view.causes(figures)
    if not found:
        return None
    first = found[0]
    return {
        "cause": first.blame.cause, "sentence": _said(first.sentence), "hop": first.hop, "events": first.events,
        "remedy": _said(first.blame.remedy), "places": [_said(place) for place in first.places[:4]],
        "evidence": [_said(line) for line in first.evidence[:MOST_EVIDENCE]],
        "further": [each.blame.cause for each in found[1:]],
    }  # fmt: skip


def _clis(evidence: Evidence) -> Iterator[dict[str, Any]]:
    """Each producer: its session, and how it ended, None while it runs."""
    ends = {fact.observer: fact.body for fact in evidence.facts(CliExited)}
    sessions = {producer: session for session, producer in evidence.producer.items()}
    for fact in evidence.facts(CliStarted):
        end = ends.get(fact.observer)
        yield {
            "label": visible(label_of(fact.observer)), "session": visible(sessions.get(fact.observer, "")),
            "exit": None if end is None else end.status, "killed": end is not None and end.killed,
        }  # fmt: skip


def _server(evidence: Evidence) -> dict[str, Any]:
    there = {fact.body.sid for fact in evidence.facts(Connected)} - evidence.gone.keys()
    stopped = evidence.facts(ServerStopped)
    return {"connections": len(there), "stopped": _said(stopped[-1].body.why or "") if stopped else None}


def _rooms(evidence: Evidence) -> list[dict[str, Any]]:
    """The rooms that had members or that events went to, with the dashboards that are in them now."""
    rooms: dict[str, set[str]] = {}
    own = {fact.body.sid for fact in evidence.facts(Connected)}  # a client's own room is that client
    gone = evidence.gone
    left = {(f.body.sid, f.body.room): f.n for f in evidence.facts(Left)}
    for fact in evidence.facts(Joined):
        room, sid = fact.body.room, fact.body.sid
        if room is None or room in own:
            continue
        members = rooms.setdefault(room, set())
        if sid not in gone and left.get((sid, room), -1) < fact.n:
            members.add(label_of(evidence.sids[sid]) if sid in evidence.sids else "another client")
    emitted = {name for s in evidence.flow[Hop.ROUTED] for name in names_of_rooms(s.detail.get("room"))} - own
    for room in sorted(emitted):
        rooms.setdefault(room, set())
    told = sorted(rooms.items(), key=lambda each: (each[0] not in emitted, each[0]))[:MOST_ROOMS]
    return [
        {
            "room": visible(clip(room, LONGEST)),
            "members": [*map(visible, sorted(who))],
            "is_emitted_to": room in emitted,
        }
        for room, who in told
    ]


def _dashboard(figures: Figures, label: str) -> dict[str, Any]:
    """A dashboard: whether it is connected, what it says, and how many events it is owed and has at each hop."""
    evidence, observer = figures.evidence, f"dashboard:{label}"
    opened, closed = evidence.facts(PageConnected, observer), evidence.facts(PageClosed, observer)
    is_open = bool(opened) and (not closed or position(closed[-1]) < position(opened[-1]))
    words, counter = evidence.facts(StatusShown, observer), evidence.facts(CounterShown, observer)
    return {
        "label": visible(label),
        "connected": is_open,
        "status": visible(clip(words[-1].body.text, 60)) if words else None,
        "counter": counter[-1].body.value if counter else None,
        "own": figures.own_counted(label) or 0,
        "owed": None if figures.owed is None else len(figures.owed.get(label, ())),
        "at": {hop.label: len(figures.at[hop].get(label, ())) if evidence.has_tap(hop) else None for hop in PAGE_SIDE},
    }  # fmt: skip


def _event(figures: Figures, event: Event) -> dict[str, Any]:
    """An event: how far it came in the server's part, and at each dashboard; what it said, cut off."""
    evidence = figures.evidence
    server, last = _furthest(figures, event.key, None), figures.last_page_hop
    pages = []
    for label in figures.dashboards:
        reached = next((h for h in reversed(PAGE_SIDE) if event.key in figures.at[h].get(label, ())), None)
        is_owed = event.key in (figures.owed or {}).get(label, ())
        pages.append(
            {
                "at": None if reached is None else reached.label,
                "owed": is_owed,
                "done": reached is not None and reached >= last,
            }
        )
    producers = evidence.facts(CliStarted)
    said = None if event.digest is None else evidence.payload(event.digest)
    return {
        "key": visible(clip(event.key, LONGEST)), "seq": event.seq, "name": visible(clip(event.name, LONGEST)),
        "at": None if server is None else server.label, "pages": pages,
        "by": visible(label_of(evidence.cli_of(event.key))) if len(producers) > 1 else "",
        "data": "" if said is None else visible(clip(json.dumps(said, ensure_ascii=False), LONGEST)),
    }  # fmt: skip


def _said(text: str) -> str:
    return visible(clip(text, 600), keep="\n")
