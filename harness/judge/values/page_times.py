"""Times of day on a page: what messages told of time, and in which zone a page shows it. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from harness.judge.values.quantities import DAY_MS, moment, moments, ms_of_day
from harness.model import Event, Hop
from harness.model.facts import RunBegun
from harness.record.evidence import Evidence

TIME_OF_ITEM = "@time of day, in ms"
"""Under which an event's data have its time, where a panel shows that."""


def envelopes(evidence: Evidence, load: str) -> Mapping[str, Mapping[str, Any]]:
    """What the messages that a page got said beside their data, by event."""
    found: dict[str, Mapping[str, Any]] = {}
    for sighting in evidence.page[Hop.DELIVERED].get(load, ()):
        rest = sighting.detail.get("rest")
        told = None if rest is None else evidence.payload(rest)
        fields = told.get("fields") if isinstance(told, Mapping) else None
        if isinstance(fields, Mapping):
            found.setdefault(sighting.event.key, fields)
    return found


def with_times(
    evidence: Evidence, name: str, events: Sequence[Event], said: Sequence[tuple[str, Any]], load: str
) -> Sequence[tuple[str, Any]]:
    """The same with the time of day of each event, in ms, where the zone of the page is known."""
    zone_ms = zone_of(evidence, load)
    if zone_ms is None:
        return said
    told = envelopes(evidence, load)
    times = [moments(told.get(event.key, {})).get(name) for event in events]
    return [
        (called, {**data, TIME_OF_ITEM: (ms_of_day(time) + zone_ms) % DAY_MS})
        if time is not None and isinstance(data, Mapping)
        else (called, data)
        for (called, data), time in zip(said, times, strict=True)
    ]


def zone_of(evidence: Evidence, load: str) -> int | None:
    """How far the times of day on a page are after UTC, in ms; None where that, or the zone, is not known."""
    zone = evidence.contract_at(load).zone
    if zone is None or zone == "UTC":
        return None if zone is None else 0
    begun = next((moment(fact.body.at) for fact in evidence.facts(RunBegun)), None)
    offset = None if begun is None else begun.utcoffset()
    return None if offset is None else round(offset.total_seconds() * 1000)
