"""Which events found no handler although the same connection had one for their name before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from harness.diagnosis._unhandled import unhandled
from harness.model import Hop, Sighting
from harness.record.evidence import Evidence, position
from harness.record.remembered import remembered


@remembered
def handled_before(evidence: Evidence) -> Mapping[str, Sequence[Sighting]]:
    """Event that no handler took, to those of its name that one took from the same connection, first to last.

    Where the record has what those messages were called, they were called as this one. Else only where it is called as
    the event or as the end of its name (`placed` for `order:placed`): one that carries all events tells nothing.
    """
    found: dict[str, Sequence[Sighting]] = {}
    lost = unhandled(evidence)
    if not lost:
        return found
    taken = sorted((sightings[0] for sightings in evidence.once[Hop.RECEIVED].values()), key=position)
    for key, fact in lost.items():
        name = evidence.events[key].name
        before = [
            each
            for each in taken
            if _is_called(each, fact.body.name, name)
            and each.detail.get("sid") == fact.body.sid
            and each.observer == fact.observer
            and position(each) < position(fact)
        ]
        if before:
            found[key] = before
    return found


def _is_called(before: Sighting, message: str, event: str) -> bool:
    """Whether an earlier message had the name of one without a handler."""
    carrier = before.detail.get("carrier")
    if carrier is not None:
        return str(carrier) == message
    return before.event.name == event and event.endswith(message)
