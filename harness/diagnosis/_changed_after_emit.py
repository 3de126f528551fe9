"""Events that left as another one: an object was handed over, and changed before it was sent."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from harness.diagnosis._instead import emitted_instead
from harness.model import Hop, Sighting
from harness.record import rooms
from harness.record.evidence import Evidence
from harness.record.evidence.keys import those_in
from harness.record.remembered import remembered

FEW = 4
"""So many emits of one event, where each has the event that came last, are no coincidence."""


@dataclass(frozen=True, slots=True)
class Overwritten:
    """Events missing at a hop, where one that came after them was seen once more for each, under their names or its."""

    hop: Hop
    last: str
    lost: tuple[str, ...]
    seen: tuple[Sighting, ...]


@remembered
def overwritten(evidence: Evidence) -> Mapping[tuple[Hop, str], Overwritten]:
    """Hop, sent or routed, and key to what it is one of: those that are lost, and the one whose data they have."""
    found: dict[tuple[Hop, str], Overwritten] = {}
    for before, hop in ((Hop.EMITTED, Hop.SENT), (Hop.RECEIVED, Hop.ROUTED)):
        if not (evidence.has_tap(before) and evidence.has_tap(hop)):
            continue
        came, went = evidence.once[before], evidence.once[hop]
        if len(went) >= len(came):
            continue  # none is missing
        left, missing = {*went}, list[str]()
        for key in those_in(evidence.events, came.keys()):
            if key not in left:
                missing.append(key)
                continue
            if not missing:
                continue
            seen = evidence.at(hop, key)
            names = Counter(evidence.events[each].name for each in (*missing, key))
            is_such = all(Counter(s.event.name for s in each) == names for each in _audiences(seen))
            if is_such and not _is_kept(evidence, key, missing):
                group = Overwritten(hop, key, tuple(missing), tuple(seen))
                found |= {(hop, each): group for each in (*missing, key)}
            missing = []
    return found or _newest_of_all(evidence)


def _newest_of_all(evidence: Evidence) -> Mapping[tuple[Hop, str], Overwritten]:
    """The same where a queue works off one object that holds the newest event, with its name: whatever came last then.

    As many emits as events came, and each of them has what had come last; one of them again and again.
    """
    are_seen = evidence.has_tap(Hop.RECEIVED) and evidence.has_tap(Hop.ROUTED)
    if not are_seen or len(evidence.once[Hop.ROUTED]) >= len(evidence.once[Hop.RECEIVED]):
        return {}
    if max((len(seen) for _, seen in evidence.once[Hop.ROUTED].repeated()), default=0) < FEW:
        return {}
    received, routed = [*evidence.flow[Hop.RECEIVED]], [*evidence.flow[Hop.ROUTED]]
    count = Counter(sighting.event.key for sighting in routed)
    lost = tuple(key for key in evidence.once[Hop.RECEIVED] if key not in count)
    if not lost or len(routed) != len(received):
        return {}
    came = iter(received)
    following, newest = next(came, None), None
    for sighting in routed:
        while following is not None and following.n < sighting.n:
            newest, following = following.event.key, next(came, None)
        if sighting.event.key != newest or sighting.observer != received[0].observer:
            return {}
    last = max(count, key=lambda key: count[key])
    group = Overwritten(Hop.ROUTED, last, lost, tuple(s for s in routed if s.event.key == last))
    return {(Hop.ROUTED, each): group for each in (*lost, *(key for key in count if count[key] > 1))}


def _audiences(seen: Iterable[Sighting]) -> Iterable[list[Sighting]]:
    """The same event's emits by their recipients: one emit for each of its pages is not a repetition."""
    parted = defaultdict[object, list[Sighting]](list)
    for each in seen:
        parted[each.observer, each.recipients, rooms.each(each.detail.get("room"))].append(each)
    return parted.values()


def _is_kept(evidence: Evidence, key: str, missing: Collection[str]) -> bool:
    """Whether the handler of another event than these emitted it again: it was kept, and not changed."""
    instead = emitted_instead(evidence)
    return any(each.event.key == key and by not in missing for by, each in instead.items())
