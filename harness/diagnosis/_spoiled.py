"""What was changed of an event's data: as they were reported, and as they were seen changed. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from harness.model import SERVER_SIDE, Hop, Outcome, Sighting
from harness.record.evidence import Evidence


def data_of(evidence: Evidence, outcome: Outcome) -> Iterator[tuple[Any, Any]]:
    """The data of an event as they were reported, with each way that they were seen where they were changed."""
    event = evidence.events.get(outcome.event_key)
    said = None if event is None or event.digest is None else evidence.payload(event.digest)
    for sighting in seen_at(evidence, outcome, max(outcome.hops, default=Hop.EMITTED)):
        yield said, None if sighting.event.digest is None else evidence.payload(sighting.event.digest)


def seen_at(evidence: Evidence, outcome: Outcome, hop: Hop) -> Sequence[Sighting]:
    """Where an outcome's event was seen at a hop: on its own pages, where it is of a page."""
    if hop in SERVER_SIDE:
        return evidence.at(hop, outcome.event_key)
    return [s for load in evidence.loads_of(outcome.label) for s in evidence.on_page(hop, load).of(outcome.event_key)]


def places_of(evidence: Evidence, outcomes: Sequence[Outcome], hops: Sequence[Hop]) -> list[str]:
    """Where in the code they were handed on at some hops."""
    seen = (s for o in outcomes for hop in hops for s in seen_at(evidence, o, hop))
    return [*dict.fromkeys(str(s.detail["where"]) for s in seen if s.detail.get("where"))]


def along(hops: Sequence[Hop]) -> str:
    """From where on it is so: one hop, or a range of which it is not known which."""
    first, last = min(hops), max(hops)
    return f"from {first.label} on" if first is last else f"somewhere from {first.label} to {last.label}"
