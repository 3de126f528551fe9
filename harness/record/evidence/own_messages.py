"""What pages sent to their server in names that no producer uses: it is not an event of a run. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Set

from harness.model import Fact, Hop, Sighting
from harness.model.facts import PageConnected
from harness.record.evidence.index import Index


def own_messages(found: Index, connections: Iterable[Fact[PageConnected]]) -> Set[tuple[str, str]]:
    """The connection and the name of each such message that the server received."""
    pages = {fact.body.sid for fact in connections}
    told = found.said[Hop.EMITTED].names | found.said[Hop.SENT].names
    strange = (s for s in found.flow[Hop.RECEIVED].kinds() if s.event.name not in told and s.detail.get("sid") in pages)
    return {(str(each.detail["sid"]), each.event.name) for each in strange}


def without(sightings: Iterable[Sighting], own: Set[tuple[str, str]]) -> tuple[Sighting, ...]:
    """Sightings without those of such messages."""
    return tuple(s for s in sightings if s.hop is not Hop.RECEIVED or (s.detail.get("sid"), s.event.name) not in own)
