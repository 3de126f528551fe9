"""What the handler of an event that was never routed emitted instead: another event of its name."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Set

from harness.model import Hop, Sighting
from harness.record.evidence import Evidence
from harness.record.identity import unnumbered_key
from harness.record.remembered import remembered


@remembered
def emitted_instead(evidence: Evidence) -> Mapping[str, Sighting]:
    """Event that was received and never routed, to what its own handler emitted: an event that another handler took."""
    received, routed = evidence.once[Hop.RECEIVED], evidence.once[Hop.ROUTED]
    found: dict[str, Sighting] = {}
    if not (evidence.has_tap(Hop.RECEIVED) and evidence.has_tap(Hop.ROUTED)):
        return found
    lost = defaultdict[str, list[str]](list)
    for key in received:
        if key not in routed:
            for called in calls(evidence, key):
                lost[called].append(key)
    if not lost:
        return found
    for sighting in evidence.flow[Hop.ROUTED].having("emitted_by"):
        event, mine = sighting.event, lost.get(str(sighting.detail["emitted_by"]), [])
        its = next((key for key in mine if key not in found), None)
        if its is not None and event.key in received and event.name == evidence.events[its].name:
            found[its] = sighting
    return found


def calls(evidence: Evidence, key: str) -> Set[str]:
    """What an event is called by who saw its handler: by its key, or where it has no number by what it says."""
    event = evidence.events[key]
    return {key, *(unnumbered_key(event.name, session, None, event.digest) for session in (None, event.session))}
