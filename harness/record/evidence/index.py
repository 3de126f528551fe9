"""Sightings by hop, and which event a key stands for. Built once for a ledger; linear."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from operator import attrgetter

from harness.model import PAGE_SIDE, SERVER_SIDE, Event, Fact, Hop, Sighting
from harness.model.facts import Acknowledged, NoHandler, Requested
from harness.model.facts.cli import UNSERVED
from harness.record.columns import Sightings
from harness.record.evidence.observers import in_order
from harness.record.evidence.seen import Listed, Seen
from harness.record.evidence.stored_streams import Grouped, StoredStreams, are_regular, events_of, seen_by_hop
from harness.record.evidence.streams import Events, Known, Once, Several, Single, Stream, Streams

key_of = attrgetter("event.key")
number_of = attrgetter("n")


@dataclass(frozen=True, slots=True)
class Index:
    """The sightings of a ledger.

    `flow`: hop of the server's side to its sightings in order. `once`: the same by event key. `page`: hop of the page's
    side to page load to its sightings, in the page's order. `said` and `shown`: the events of `flow` and `page`.
    `events`: key to the event as it was first said, at the earliest hop.
    """

    flow: Mapping[Hop, Seen]
    once: Mapping[Hop, Once]
    said: Mapping[Hop, Stream]
    page: Mapping[Hop, Mapping[str, Seen]]
    shown: Mapping[Hop, Mapping[str, Stream]]
    events: Events

    def streams(self) -> list[Stream]:
        """Every stream, once."""
        pages = (stream for hop in PAGE_SIDE for stream in self.shown[hop].values())
        return [*dict.fromkeys((*self.said.values(), *pages))]


def index(
    sightings: Iterable[Sighting],
    requests: Iterable[Fact[Requested]],
    unhandled: Iterable[Fact[NoHandler]],
    answers: Sequence[Fact[Acknowledged]] = (),
) -> Index:
    """Index sightings; `requests` and `unhandled` are the server's facts of those kinds, `answers` a CLI's."""
    if isinstance(sightings, Sightings) and are_regular(sightings):
        found = _of_columns(sightings)
        if not answers and not _unheard(found.once, found.events, requests, unhandled):
            return found
    return _of_objects(sightings, requests, unhandled, answers)


def _of_columns(sightings: Sightings) -> Index:
    """The index of a stored ledger."""
    tables = sightings.tables
    flow, page = seen_by_hop(sightings)
    streams = StoredStreams(tables)
    said = {hop: streams.at(sightings.event[rows.places]) for hop, rows in flow.items()}
    shown = {hop: {load: streams.at(sightings.event[r.places]) for load, r in page[hop].items()} for hop in PAGE_SIDE}
    once = {hop: Grouped(said[hop], rows) for hop, rows in flow.items()}
    pages = dict.fromkeys(stream for hop in PAGE_SIDE for stream in shown[hop].values())
    return Index(flow, once, said, page, shown, events_of(dict.fromkeys(said.values()), pages, tables))


def _of_objects(
    sightings: Iterable[Sighting],
    requests: Iterable[Fact[Requested]],
    unhandled: Iterable[Fact[NoHandler]],
    answers: Iterable[Fact[Acknowledged]],
) -> Index:
    """The plain index: what every other one has to agree with."""
    flow: dict[Hop, Listed] = {hop: Listed() for hop in SERVER_SIDE}
    page: dict[Hop, dict[str, Listed]] = {hop: {} for hop in PAGE_SIDE}
    for observer, at in _by_observer(sightings):
        for hop in SERVER_SIDE:
            flow[hop] += at[hop]
        for hop in PAGE_SIDE:
            if at[hop]:
                page[hop][observer] = Listed(at[hop])
    streams = Streams()
    said = {hop: streams.of(listed) for hop, listed in flow.items()}
    shown = {hop: {load: streams.of(listed) for load, listed in page[hop].items()} for hop in PAGE_SIDE}
    once = {hop: _by_key(said[hop], listed) for hop, listed in flow.items()}
    events = _events(said, shown)
    unheard = _unheard(once, events, requests, unhandled)
    unheard |= {f.body.key for f in answers if f.body.status in UNSERVED} - once[Hop.ROUTED].keys()
    if unheard:
        once[Hop.RECEIVED] = Several({k: each for k, each in once[Hop.RECEIVED].items() if k not in unheard})
        said[Hop.RECEIVED] = Stream([event for event in said[Hop.RECEIVED].events if event.key not in unheard])
    return Index(flow, once, said, page, shown, events)


def _by_observer(sightings: Iterable[Sighting]) -> list[tuple[str, list[list[Sighting]]]]:
    """Observers with their sightings by hop, each in its own order: the order of the ledger plays no part."""
    found: dict[str, list[list[Sighting]]] = defaultdict(lambda: [[] for _ in Hop])
    for sighting in sightings:
        found[sighting.observer][sighting.hop].append(sighting)
    for at in found.values():
        for listed in at:
            listed.sort(key=number_of)
    return in_order(found)


def _by_key(stream: Stream, sightings: Sequence[Sighting]) -> Once:
    if stream.is_single:
        return Single(stream, sightings)
    found: dict[str, list[Sighting]] = {}
    for key, sighting in zip(map(key_of, sightings), sightings, strict=True):
        if key in found:
            found[key].append(sighting)
        else:
            found[key] = [sighting]
    return Several(found)


def _events(
    said: Mapping[Hop, Stream],
    shown: Mapping[Hop, Mapping[str, Stream]],
) -> Known:
    """Each event as the earliest hop has it; where that hop shows no payload, with the digest of the next that does."""
    events: Mapping[str, Event] = {}  # replaced and never changed: as a rule it is the one of the first stream
    undigested: set[str] = set()
    for stream in dict.fromkeys(said[hop] for hop in SERVER_SIDE):
        here = stream.by_key
        shows = ((key, here[key].digest) for key in undigested & here.keys())
        told = {key: replace(events[key], digest=digest) for key, digest in shows if digest is not None}
        undigested -= told.keys()
        if told:
            events = {**events, **told}
        if not here.keys() <= events.keys():
            conditions = {key: event for key, event in here.items() if key not in events} if events else here
            undigested.update(key for key, event in conditions.items() if event.digest is None)
            events = {**events, **conditions} if events else here
    for stream in dict.fromkeys(stream for hop in PAGE_SIDE for stream in shown[hop].values()):
        if not stream.keys <= events.keys():
            events = {**events, **{key: event for key, event in stream.by_key.items() if key not in events}}
    return Known(events)


def _unheard(
    once: Mapping[Hop, Once],
    events: Events,
    requests: Iterable[Fact[Requested]],
    unhandled: Iterable[Fact[NoHandler]],
) -> set[str]:
    """Events that reached the server's process and that no handler got: by definition they were not received.

    The server says so with the name of the Socket.IO message. That is the event's own, or that of the message which
    carries every event, and then it is not the name of a request.
    """
    names: dict[tuple[str, str], set[str]] = defaultdict(set)
    for fact in unhandled:
        names[fact.observer, str(fact.body.sid)].add(fact.body.name)
    if not names:
        return set()
    others = {fact.body.name for fact in requests} | events.names()
    found = set()
    for key, sightings in once[Hop.RECEIVED].items():
        missing = [names.get((each.observer, str(each.detail.get("sid"))), set()) for each in sightings]
        paths = {each.detail.get("path") for each in sightings}
        if None in paths:
            is_unheard = all(events[key].name in each or each - others for each in missing)
        else:  # over plain HTTP, where each path is served or not
            is_unheard = all(paths <= each for each in missing)
        if is_unheard and key not in once[Hop.ROUTED]:
            found.add(key)
    return found
