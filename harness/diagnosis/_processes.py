"""Which process of a system did what: which holds a dashboard's connection, which emitted, and which has no clients."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from harness.model import Event, Fact, Hop, Sighting
from harness.model.facts import Connected, Published, UnservedEmit
from harness.record.evidence import Evidence, family, label_of
from harness.record.evidence.observers import SERVER
from harness.record.remembered import remembered


@dataclass(frozen=True, slots=True)
class Emit:
    """An emit on a server object that no client is connected to. `party` is the CLI or the process that did it."""

    party: str
    where: str | None

    @property
    def is_by_cli(self) -> bool:
        return self.party.startswith("cli:")


@dataclass(frozen=True, slots=True)
class Part:
    """What one process of several had to do with a run.

    How often it emitted an event to its own clients, or put one into a message queue, the dashboards whose connection
    it held, and whether another client was connected to it.
    """

    emitted: int
    published: int
    held: tuple[str, ...]
    has_cli: bool


def parts(evidence: Evidence) -> Mapping[str, Part]:
    """The part of each process of a system, by its title; none where a single one does everything."""
    everyone = _all(evidence)
    if len(everyone) < 2:
        return {}
    emitted = Counter(process_of(each) for each in evidence.flow[Hop.ROUTED] if each.detail.get("served") is not False)
    published = Counter(fact.body.process for fact in evidence.facts(Published))
    held: dict[str, dict[str, None]] = defaultdict(dict)
    with_cli: set[str] = set()
    for fact in evidence.facts(Connected):
        label = label_of(evidence.sids.get(fact.body.sid, ""))
        if fact.body.process and label:
            held[fact.body.process][label] = None
        elif fact.body.process:
            with_cli.add(fact.body.process)
    return {
        title(evidence, who): Part(emitted[who], published[who], tuple(sorted(held[who])), who in with_cli)
        for who in sorted(everyone)
    }


def title(evidence: Evidence, who: str) -> str:
    """A process by its name in the target, with its number where several processes have that name."""
    name, _, number = who.rpartition(":")
    if not number.replace(".", "").isdigit():
        return who
    alike = {each for each in _all(evidence) if each.rpartition(":")[0] == name}
    return f"{name} (pid {number})" if len(alike) > 1 else name


def _all(evidence: Evidence) -> set[str]:
    routing = {process_of(each) for each in evidence.flow[Hop.ROUTED].kinds()}
    routing |= {fact.body.process for fact in evidence.facts(Published)}
    return {who for who in (*routing, *(f.body.process for f in evidence.facts(Connected))) if who}


def process_of(sighting: Sighting) -> str | None:
    """Which process emitted it; None where the record doesn't say."""
    who = sighting.detail.get("process")
    return who if isinstance(who, str) else None


def holders(evidence: Evidence, label: str) -> set[str]:
    """The processes that have held a connection of a dashboard; none where the record doesn't say."""
    mine = (f for f in evidence.facts(Connected) if label_of(evidence.sids.get(f.body.sid, "")) == label)
    return {f.body.process for f in mine if f.body.process}


def emitters(evidence: Evidence, key: str | None) -> set[str]:
    """The processes that have emitted an event to their own clients alone; none where one is not known."""
    routed = evidence.at(Hop.ROUTED, key)
    by = {None if each.detail.get("publishes") else process_of(each) for each in routed}
    return set() if None in by else {who for who in by if who}


@remembered
def emitted_elsewhere(evidence: Evidence) -> Mapping[str, Emit]:
    """Event to its emit that reached no client, because none is connected to the object that it was called on.

    By its key, where the emit shows one; else by name and occurrence, as sightings are matched. An emit in a CLI whose
    name is not an event's carries any of them: then by occurrence alone, and only where there are as many as events.
    """
    found: dict[str, Emit] = {}
    by_observer: dict[str, list[Fact[UnservedEmit]]] = defaultdict(list)
    for fact in evidence.facts(UnservedEmit):
        by_observer[fact.observer].append(fact)
    for observer, facts in by_observer.items():
        found |= _of_party(evidence, observer, facts)
    any_unserved = any(map(is_unserved, evidence.flow[Hop.ROUTED].kinds()))
    for key, sightings in evidence.once[Hop.ROUTED].items() if found or any_unserved else ():
        if all(is_unserved(each) and not _is_before_clients(evidence, each) for each in sightings):
            found[key] = Emit(process_of(sightings[0]) or family(sightings[0].observer), _where(sightings))
        elif key in found and not found[key].is_by_cli:
            del found[key]  # an object that has clients emitted it as well
    return found


def _of_party(evidence: Evidence, observer: str, facts: list[Fact[UnservedEmit]]) -> dict[str, Emit]:
    events = _events_of(evidence, observer)
    own = {event.key for event in events}
    party = facts[0].body.process or observer
    where = next((fact.body.where for fact in facts if fact.body.where), None)
    keys = [key for fact in facts if (key := fact.body.key) in own]
    open_ = [fact.body.event for fact in facts if fact.body.key not in own]
    by_name: dict[str, list[str]] = defaultdict(list)
    for event in events:
        by_name[event.name].append(event.key)
    for name, count in Counter(open_).items():
        keys += by_name.get(name, [])[:count]
    parcels = [name for name in open_ if name not in by_name]
    if observer.startswith("cli:") and len(parcels) == len(events):
        keys = [event.key for event in events]
    return dict.fromkeys((key for key in keys if key), Emit(party, where))


def _events_of(evidence: Evidence, observer: str) -> list[Event]:
    """Those of a CLI's own sessions; a process of the system may pass on any."""
    if not observer.startswith("cli:"):
        return [event for session in evidence.sessions for event in evidence.events_of(session)]
    return evidence.events_by(observer)


def is_unserved(routed: Sighting) -> bool:
    """Whether it was emitted on a server object that no client has ever connected to, and stays in its process."""
    return family(routed.observer) == SERVER and routed.detail.get("served") is False and not routed.detail["publishes"]


def _is_before_clients(evidence: Evidence, routed: Sighting) -> bool:
    """Whether no client had come to its process yet, and some came later: to which object is not known by then."""
    came = [f for f in evidence.facts(Connected) if f.body.process == process_of(routed)]
    return bool(came) and all(routed.n < each.n for each in came if each.observer == routed.observer)


def _where(sightings: Iterable[Sighting]) -> str | None:
    places = (each.detail.get("where") for each in sightings)
    return next((str(place) for place in places if place), None)


def relays(evidence: Evidence, key: str | None) -> dict[str, str | None]:
    """The processes that passed an event on, to a message queue or their own clients, each with the place in its code.

    What a process emits because it came by a queue is not counted.
    """
    found = {f.body.process: f.body.where for f in published(evidence).get(key or "", ()) if f.body.process}
    for each in evidence.at(Hop.ROUTED, key):
        if (who := process_of(each)) and not each.detail.get("publishes") and not is_unserved(each):
            found.setdefault(who, each.detail.get("where"))
    return found


def is_relayed_by_several(evidence: Evidence, key: str) -> bool:
    """Whether several processes passed an event on, one of them at least to all by a message queue."""
    return key in published(evidence) and len(relays(evidence, key)) > 1


@remembered
def published(evidence: Evidence) -> Mapping[str, Sequence[Fact[Published]]]:
    """Event to what was put into message queues of it."""
    found: dict[str, list[Fact[Published]]] = defaultdict(list)
    for fact in evidence.facts(Published):
        found[fact.body.key or ""].append(fact)
    return found
