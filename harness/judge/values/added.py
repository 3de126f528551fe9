"""Data fields that the server puts in, as an id or a time: nothing before it has them, and pages show them. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from harness.judge.values.differences import common_differences
from harness.model import Aspect, Finding, Hop, Kind, Outcome, Sighting
from harness.record.evidence import Evidence, label_of
from harness.record.remembered import remembered


@remembered
def added_at(evidence: Evidence, load: str) -> Mapping[str, Mapping[str, Any]]:
    """Event to what the server put into it, as a page was told; empty where the target names no such fields."""
    if not evidence.contract.added:
        return {}
    told = ((each.event.key, _added(evidence, each)) for each in evidence.page[Hop.DELIVERED].get(load, ()))
    return {key: fields for key, fields in told if fields}


def with_added(data: Any, added: Mapping[str, Any] | None) -> Any:
    """Data with what the server put in."""
    return {**added, **data} if added and isinstance(data, Mapping) else data


def on_the_way(evidence: Evidence) -> tuple[int, list[Outcome]]:
    """What the server put in reaches each page as it was when it was routed, at one of the times that it was."""
    checks, found = 0, list[Outcome]()
    for load, sightings in evidence.page[Hop.DELIVERED].items() if evidence.contract.added else ():
        for sighting in sightings:
            known = [
                fields for each in evidence.at(Hop.ROUTED, sighting.event.key) if (fields := _added(evidence, each))
            ]
            fields = _added(evidence, sighting)
            if not known or not fields:
                continue
            checks += 1
            apart = [common_differences(each, fields) for each in known]
            if all(apart):
                key, label, first = sighting.event.key, label_of(load), apart[0][0]
                why = Finding(
                    Aspect.PAYLOAD, field=first.path, expected=first.expected, found=first.found, count=len(apart[0])
                )
                found.append(
                    Outcome(Kind.CORRUPTED, "P5", key, label, *evidence.blamed(Hop.DELIVERED, label, key), why)
                )
    return checks, found


def _added(evidence: Evidence, sighting: Sighting) -> Mapping[str, Any] | None:
    rest = sighting.detail.get("rest")
    said = None if rest is None else evidence.payload(str(rest))
    fields = said.get("added") if isinstance(said, Mapping) else None
    return fields if isinstance(fields, Mapping) else None
