"""Sightings by hop, and which event a key stands for. Built once for a ledger; linear."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from operator import attrgetter

from harness.evidence.observers import by_observer
from harness.model import PAGE_SIDE, SERVER_SIDE, Event, Fact, Hop, Sighting

event_of = attrgetter("event")
key_of = attrgetter("event.key")


@dataclass(frozen=True, slots=True)
class Index:
    """The sightings of a ledger.

    `flow`: hop of the server's side to its sightings in order. `once`: the same by event key. `page`: hop of the page's
    side to page load to its sightings, in the page's order. `seen`: the same, event key to how often. `events`: key to
    the event as it was first said, at the earliest hop.
    """

    flow: Mapping[Hop, list[Sighting]]
    once: Mapping[Hop, Mapping[str, Sequence[Sighting]]]
    page: Mapping[Hop, dict[str, list[Sighting]]]
    seen: Mapping[Hop, dict[str, Counter[str]]]
    events: dict[str, Event]


def index(sightings: Iterable[Sighting], requests: Iterable[Fact], unhandled: Iterable[Fact]) -> Index:
    """Index sightings; `requests` and `unhandled` are the server's facts of those kinds (see `_unheard`)."""
    flow: dict[Hop, list[Sighting]] = {hop: [] for hop in SERVER_SIDE}
    page: dict[Hop, dict[str, list[Sighting]]] = {hop: {} for hop in PAGE_SIDE}
    for observer, listed in by_observer(sightings):
        at: list[list[Sighting]] = [[] for _ in Hop]
        for sighting in listed:
            at[sighting.hop].append(sighting)
        for hop in SERVER_SIDE:
            flow[hop] += at[hop]
        for hop in PAGE_SIDE:
            if at[hop]:
                page[hop][observer] = at[hop]
    once = {hop: _by_key(listed) for hop, listed in flow.items()}
    seen = {hop: {load: Counter(map(key_of, listed)) for load, listed in page[hop].items()} for hop in PAGE_SIDE}
    events = _events(once, page, seen)
    unheard = _unheard(once, events, requests, unhandled)
    if unheard:
        once[Hop.RECEIVED] = {k: each for k, each in once[Hop.RECEIVED].items() if k not in unheard}
    return Index(flow, once, page, seen, events)


def _by_key(sightings: Sequence[Sighting]) -> Mapping[str, Sequence[Sighting]]:
    single = dict(zip(map(key_of, sightings), zip(sightings, strict=True), strict=True))
    if len(single) == len(sightings):
        return single
    found: dict[str, list[Sighting]] = {}
    for key, sighting in zip(map(key_of, sightings), sightings, strict=True):
        if key in found:
            found[key].append(sighting)
        else:
            found[key] = [sighting]
    return found


def _events(
    once: Mapping[Hop, Mapping[str, Sequence[Sighting]]],
    page: Mapping[Hop, Mapping[str, Sequence[Sighting]]],
    seen: Mapping[Hop, Mapping[str, Mapping[str, int]]],
) -> dict[str, Event]:
    """Each event as the earliest hop has it; where that hop shows no payload, with the digest of the next that does."""
    events: dict[str, Event] = {}
    undigested: set[str] = set()
    for hop in SERVER_SIDE:
        here = once[hop]
        for key in undigested & here.keys():
            if (digest := here[key][0].event.digest) is not None:
                events[key] = replace(events[key], digest=digest)
                undigested.discard(key)
        if not here.keys() <= events.keys():
            news = {key: sightings[0].event for key, sightings in here.items() if key not in events}
            undigested.update(key for key, event in news.items() if event.digest is None)
            events.update(news)
    for hop in PAGE_SIDE:
        for load, counted in seen[hop].items():
            if not counted.keys() <= events.keys():
                for event in map(event_of, page[hop][load]):
                    events.setdefault(event.key, event)
    return events


def _unheard(
    once: Mapping[Hop, Mapping[str, Sequence[Sighting]]],
    events: Mapping[str, Event],
    requests: Iterable[Fact],
    unhandled: Iterable[Fact],
) -> set[str]:
    """Events that reached the server's process and that no handler got: by definition they were not received.

    The server says so with the name of the Socket.IO message. That is the event's own, or that of the message which
    carries every event, and then it is no name of a request.
    """
    names: dict[tuple[str, str], set[str]] = defaultdict(set)
    for fact in unhandled:
        names[fact.observer, str(fact.data.get("sid"))].add(str(fact.data.get("name")))
    if not names:
        return set()
    others = {str(fact.data.get("name")) for fact in requests} | {event.name for event in events.values()}
    found = set()
    for key, sightings in once[Hop.RECEIVED].items():
        missing = [names.get((each.observer, str(each.detail.get("sid"))), set()) for each in sightings]
        if key not in once[Hop.ROUTED] and all(events[key].name in each or each - others for each in missing):
            found.add(key)
    return found
