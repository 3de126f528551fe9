"""Questions about a stored run, answered from its record: for a terminal as lines, for programs as plain data."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Any

from harness.lib.amounts import amount
from harness.model import PAGE_SIDE, Event, Hop, Sighting
from harness.record import rooms
from harness.record.evidence import label_of
from harness.reporting import sentences
from harness.reporting.figures import Figures, failures

MOST_LISTED = 200


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer: a title, a table with a head, and lines below it; `data` is all of it for a program."""

    title: str
    head: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]
    notes: list[str]
    data: dict[str, Any]


def keys_like(figures: Figures, text: str) -> list[str]:
    """The events that a person may mean: by key, else by number in the run's session, else by name."""
    events = figures.evidence.events
    if text in events:
        return [text]
    own = [event for event in figures.events if str(event.seq) == text]
    return [e.key for e in own] or [key for key, event in events.items() if event.name == text]


def of_event(figures: Figures, key: str) -> Answered:
    """Every sighting of one event, hop by hop, with what each expected of it and what became of that."""
    evidence, event = figures.evidence, figures.evidence.events[key]
    seen = [(hop, s) for hop in Hop for s in _sightings(figures, hop, key)]
    first = min((s.at_ns for hop, s in seen if hop not in PAGE_SIDE), default=None)
    rows = [(hop.label, s.observer, _after(first, s), _where(s, evidence.sids)) for hop, s in seen]
    missing = [hop.label for hop in Hop if evidence.has_tap(hop) and not any(hop is each for each, _ in seen)]
    wrong = [o for o in failures(figures.verdict.outcomes) if o.key == key]
    notes = [f"not seen at {', '.join(missing)}"] if missing else []
    notes += [f"{o.kind}{f' at dashboard {o.dashboard}' if o.dashboard else ''}: {sentences.outcome(o)}" for o in wrong]
    data = {
        "event": _event(event),
        "sightings": [
            {"hop": hop.label, "observer": s.observer, "at_ns": s.at_ns, "detail": dict(s.detail)} for hop, s in seen
        ],
        "not_seen_at": missing,
        "wrong": [_outcome(o.kind, o.key, o.dashboard, o.hop, sentences.outcome(o)) for o in wrong],
        "data": None if event.digest is None else evidence.payload(event.digest),
    }
    title = f"event {event.key} ({event.name})"
    return Answered(title, ("hop", "observer", "after", "where"), rows, notes or ["nothing went wrong with it"], data)


def _sightings(figures: Figures, hop: Hop, key: str) -> Iterator[Sighting]:
    evidence = figures.evidence
    if hop not in PAGE_SIDE:
        yield from evidence.at(hop, key)
        return
    for loads in evidence.loads.values():
        for load in loads:
            yield from (s for s in evidence.on_page(hop, load) if s.event.key == key)


def _after(first_ns: int | None, sighting: Sighting) -> str:
    """Since the first sighting outside pages; a page has a clock of its own, which was compared with the others'."""
    return "?" if first_ns is None else f"{(sighting.at_ns - first_ns) / 1e6:+.1f} ms"


def _where(sighting: Sighting, sids: Any) -> str:
    told = []
    if "room" in sighting.detail:
        told.append(f"to {rooms.named(sighting.detail['room'])}")
    if sighting.recipients is not None:
        who = sorted({sids[sid].partition(":")[2] or sid if sid in sids else sid for sid in sighting.recipients})
        told.append(f"for {', '.join(who) or 'no recipient'}")
    if sighting.detail.get("where"):
        told.append(str(sighting.detail["where"]))
    return ", ".join(told)


def of_dashboard(figures: Figures, label: str) -> Answered:
    """What one dashboard was owed and has, event by event, and its connections."""
    evidence = figures.evidence
    owed = (figures.owed or {}).get(label, frozenset())
    at = {hop: figures.at[hop].get(label, frozenset()) for hop in PAGE_SIDE}
    events = [event for event in evidence.events.values() if event.key in owed or any(event.key in at[h] for h in at)]
    rows = [
        (event.key, event.name, "owed" if event.key in owed else "", *(_mark(figures, hop, event, at) for hop in at))
        for event in events[:MOST_LISTED]
    ]
    sids = {sid for sid, load in evidence.sids.items() if label_of(load) == label}
    joined = [(s.began.body, s.end and s.end.body.reason) for s in evidence.stays if s.began.body.sid in sids]
    connections = [
        {"sid": c.sid, "transport": c.transport, "namespace": c.namespace, "ended": ended} for c, ended in joined
    ]
    notes = [
        f"connection {c['sid']} over {c['transport']}: {'ended, ' + str(c['ended']) if c['ended'] else 'to the end'}"
        for c in connections
    ]
    counts = {hop.label: len(owed & at[hop]) if evidence.has_tap(hop) else None for hop in at}
    told = ", ".join(f"{name} {'?' if n is None else n}" for name, n in counts.items())
    notes.insert(0, f"owed {len(owed)}: {told}{_more(len(events))}")
    data = {
        "dashboard": label,
        "owed": sorted(owed),
        **{hop.label: sorted(at[hop]) for hop in at},
        "connections": connections,
    }
    return Answered(f"dashboard {label}", ("event", "name", "promise", *(h.label for h in at)), rows, notes, data)


def _mark(figures: Figures, hop: Hop, event: Event, at: Mapping[Hop, Set[str]]) -> str:
    if not figures.evidence.has_tap(hop):
        return "?"
    return "yes" if event.key in at[hop] else "no"


def of_the_wrong(figures: Figures) -> Answered:
    """Every broken promise: which event, at which dashboard, at which hop, and what exactly."""
    bad = failures(figures.verdict.outcomes)
    events = figures.evidence.events
    rows = [
        (
            o.kind.value,
            o.key or o.prop,
            events[o.event_key].name if o.key in events else "",
            o.dashboard or "",
            _hops(o.hops) or (o.hop.label if o.hop is not None else ""),
            sentences.outcome(o),
        )
        for o in bad[:MOST_LISTED]
    ]
    data = {"wrong": [_outcome(o.kind, o.key, o.dashboard, o.hop, sentences.outcome(o)) for o in bad]}
    notes = [f"{amount(len(bad), 'broken promise')}{_more(len(bad))}"] if bad else ["no promise was broken"]
    return Answered("what went wrong", ("what", "event", "name", "dashboard", "hop", "detail"), rows, notes, data)


def _hops(hops: Sequence[Hop]) -> str:
    return " to ".join(dict.fromkeys(hop.label for hop in (*hops[:1], *hops[-1:])))


def _more(count: int) -> str:
    return f" (the first {MOST_LISTED} are listed; --json has all)" if count > MOST_LISTED else ""


def _event(event: Event) -> dict[str, Any]:
    return {"key": event.key, "name": event.name, "session": event.session, "seq": event.seq}


def _outcome(kind: str, key: str | None, dashboard: str | None, hop: Hop | None, detail: str) -> dict[str, Any]:
    return {
        "kind": str(kind), "key": key, "dashboard": dashboard, "hop": None if hop is None else hop.label,
        "detail": detail,
    }  # fmt: skip
