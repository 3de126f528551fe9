"""Whether numbers in an event that sum its session up so far are those of the events before it. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from harness.judge.values.paths import at
from harness.judge.values.quantities import moments
from harness.model import Aspect, Event, Finding, Hop, Total
from harness.record.evidence import Evidence
from harness.record.evidence.stored_events import named

SLACK_MS = 100.0
"""How much longer than its messages' times say a session may say that it took: it began before its first message."""


def wrong_total(evidence: Evidence, session: str, events: Sequence[Event]) -> Finding | None:
    """The first number that is not what the events of its session make of it; `events` by their numbers."""
    for each in named(events, evidence.contract.totals) if evidence.contract.totals else ():
        before = list(events[: events.index(each)])
        for path, total in evidence.contract.totals[each.name].items():
            told = at(_data(evidence, each), path)
            if isinstance(told, bool) or not isinstance(told, int | float):
                continue
            expected = _expected(evidence, total, told, before, each)
            if expected is not None and told != expected:
                return Finding(
                    Aspect.TOTAL, session=session, other=each.name, field=path, expected=expected, found=told
                )
    return None


def _expected(
    evidence: Evidence, total: Total, told: float, before: Sequence[Event], last: Event
) -> int | float | None:
    """The number that it has to be, which is the one that was told where that is right; None where it is unknown."""
    if total.counts:
        return len(named([*before, last] if total.itself else before, total.counts))
    if total.tells:
        return _told_last(evidence, total.tells, before)
    parts = [*_parts(evidence, total.adds, before)]
    if any(part is None for part in parts):
        return None
    added = round(sum(part for part in parts if part is not None), 6)
    if total.lasts is None:
        return told if abs(told - added) < 1e-6 else added
    if told < added:
        return added
    took_ms = _lasted_ms(evidence, total.lasts, before[0], last) if before else None
    return told if took_ms is None or told <= took_ms else round(took_ms)


def _parts(evidence: Evidence, adds: Mapping[str, str], events: Sequence[Event]) -> Iterator[float | None]:
    for event in named(events, adds):
        number = at(_data(evidence, event), adds[event.name])
        yield number if isinstance(number, int | float) and not isinstance(number, bool) else None


def _told_last(evidence: Evidence, tells: Mapping[str, str], events: Sequence[Event]) -> float | None:
    """The number that an event said last; None where none did."""
    numbers = [number for number in _parts(evidence, tells, events) if number is not None]
    return numbers[-1] if numbers else None


def _lasted_ms(evidence: Evidence, name: str, first: Event, last: Event) -> float | None:
    """The longest time that a session can have taken up to an event, by the times of its messages."""
    begun, ended = _time(evidence, name, first), _time(evidence, name, last)
    if begun is None or ended is None or (begun.tzinfo is None) != (ended.tzinfo is None):
        return None
    starts = [s.at_ns for s in evidence.once[Hop.SENT].get(first.key, ())]
    waited_ms = evidence.starved_ms(0, max(starts, default=0))  # it may have waited before its first message
    return (ended - begun).total_seconds() * 1000 + SLACK_MS + waited_ms


def _time(evidence: Evidence, name: str, event: Event) -> datetime | None:
    hop = next((hop for hop in (Hop.SENT, Hop.RECEIVED, Hop.ROUTED) if evidence.has_tap(hop)), None)
    for sighting in evidence.once[hop].get(event.key, ()) if hop is not None else ():
        rest = sighting.detail.get("rest")
        message = None if rest is None else evidence.payload(rest)
        fields = message.get("fields") if isinstance(message, Mapping) else None
        return moments(fields).get(name) if isinstance(fields, Mapping) else None
    return None


def _data(evidence: Evidence, event: Event) -> object:
    return None if event.digest is None else evidence.payload(event.digest)
