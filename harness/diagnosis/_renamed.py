"""What follows from a name that was changed before: that side doesn't know the new one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from harness.diagnosis._listeners import unheard
from harness.diagnosis._unhandled import unhandled
from harness.model import SERVER_SIDE, Hop, Kind, Outcome, Sighting
from harness.record.evidence import Evidence
from harness.record.evidence.keys import union, without
from harness.record.remembered import remembered


@remembered
def renamed(evidence: Evidence, hop: Hop = Hop.SENT) -> Mapping[str, Sighting]:
    """Event that is not there at a hop to what is there instead: the same data under a name unreported, each once."""
    reported, here = evidence.once[Hop.EMITTED], evidence.once[hop]
    before = [evidence.once[each] for each in SERVER_SIDE if each < hop and evidence.has_tap(each)]
    unknown = without(here.keys(), union(there.keys() for there in (reported, *before)))
    strange = [here[key][0] for key in unknown if here[key][0].event.digest]
    found: dict[str, Sighting] = {}
    if not strange:
        return found
    for key in (key for key in reported if key not in here and all(key in there for there in before)):
        other = next((sighting for sighting in strange if _may_be(evidence, key, sighting)), None)
        if other is not None:
            found[key] = other
            strange.remove(other)
    return found


def _may_be(evidence: Evidence, key: str, sighting: Sighting) -> bool:
    """Whether a sighting under an unknown name says what an event says; and in a server, came from its handler."""
    event, by = evidence.events[key], sighting.detail.get("emitted_by")
    if sighting.event.digest != event.digest or sighting.event.name == event.name:
        return False
    if sighting.hop is Hop.SENT:
        return sighting.observer == evidence.cli_of(key)
    return by is None or by == key or f"/{event.name}~" in str(by)


def is_renamed(evidence: Evidence, outcome: Outcome) -> bool:
    """Whether an event was called otherwise than its CLI reported it at a hop before the one that it was lost at."""
    event = evidence.events.get(outcome.event_key)
    before = [hop for hop in SERVER_SIDE if hop < min(outcome.hops, default=Hop.EMITTED)]
    if any(sighting.event.key == outcome.key for hop in before for sighting in renamed(evidence, hop).values()):
        return True
    return event is not None and any(s.event.name != event.name for hop in before for s in evidence.at(hop, event.key))


def is_such(evidence: Evidence, outcome: Outcome) -> bool:
    """Whether an outcome says that an event is missing at a hop where it has another name, or that other one new."""
    pairs = renamed(evidence, outcome.hop) if outcome.hop in SERVER_SIDE[1:] else {}
    return outcome.event_key in pairs or any(s.event.key == outcome.key for s in pairs.values())


def follow_from_it(evidence: Evidence, outcomes: Sequence[Outcome]) -> Iterable[Outcome]:
    """The events that were lost later because no handler, or no listener of a page, has the name they were given."""
    mine = [o for o in outcomes if o.kind in (Kind.LOST, Kind.UNHANDLED) and o.key and is_renamed(evidence, o)]
    unheard_of = {each.outcome for each in unheard(evidence, mine) if each.gone is None and each.later is None}
    unknown = unhandled(evidence)
    return [o for o in mine if o in unheard_of or (o.hops[:1] == (Hop.RECEIVED,) and o.key in unknown)]
