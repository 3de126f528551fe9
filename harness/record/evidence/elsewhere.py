"""What the server emits where no party of the run is, unknown to producers: it is not an event of the run. Pure.

A library's own administration does so, in a namespace of its own. An event that a producer reported stays one wherever
it is emitted: that it was emitted to an empty namespace is how it was lost.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Set

from harness.model import Hop, Sighting
from harness.record.evidence.index import Index

Elsewhere = Set[tuple[str, str]]
"""The namespace and the name of each such message."""


def elsewhere(found: Index, inhabited: Container[str], made: Iterable[str]) -> Elsewhere:
    """Such messages; `inhabited` are the namespaces in which a party was, asked to be or listens.

    `made` are the names of what the server makes by itself. Where producers are not observed, that is not known.
    """
    said = found.said[Hop.EMITTED], found.said[Hop.SENT]
    told = set().union(*(each.names for each in said))
    if not told:
        return frozenset()
    known = told.union(made)
    outside = {
        (_namespace(each), each.event.name)
        for each in found.flow[Hop.ROUTED].kinds()
        if _namespace(each) not in inhabited and each.event.name not in known and each.recipients == ()
    }
    if not outside:
        return outside
    told_data = {event.digest for each in said for event in each.events} - {None}
    mine = (each for each in found.flow[Hop.ROUTED] if (_namespace(each), each.event.name) in outside)
    return outside - {(_namespace(s), s.event.name) for s in mine if _is_told(s, told_data)}


def without_elsewhere(sightings: Iterable[Sighting], outside: Elsewhere) -> tuple[Sighting, ...]:
    """Sightings without those of such messages."""
    return tuple(s for s in sightings if s.hop is not Hop.ROUTED or (_namespace(s), s.event.name) not in outside)


def _is_told(sighting: Sighting, data: Container[str | None]) -> bool:
    """Whether a message names a session or a number, or says what a producer said: it is an event by another name."""
    event = sighting.event
    return event.session is not None or event.seq is not None or event.digest in data


def _namespace(sighting: Sighting) -> str:
    return str(sighting.detail.get("namespace") or "/")
