"""Sightings by hop, and which event a key stands for. Built once for a ledger; linear."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from harness.evidence.observers import by_observer
from harness.model import PAGE_SIDE, SERVER_SIDE, Event, Fact, Hop, Sighting


@dataclass(frozen=True, slots=True)
class Index:
    """The sightings of a ledger.

    `flow`: hop of the server's side to its sightings in order. `once`: the same by event key. `page`: hop of the page's
    side to page load to its sightings, in the page's order. `events`: key to the event as it was first said, at the
    earliest hop.
    """

    flow: Mapping[Hop, list[Sighting]]
    once: Mapping[Hop, dict[str, list[Sighting]]]
    page: Mapping[Hop, dict[str, list[Sighting]]]
    events: dict[str, Event]

    def seen(self) -> dict[Hop, dict[str, Counter[str]]]:
        """Hop of the page's side to page load to event key to how often."""
        return {
            hop: {load: Counter([each.event.key for each in listed]) for load, listed in self.page[hop].items()}
            for hop in PAGE_SIDE
        }


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
    events = _events(once, page)
    for key in _unheard(once, events, requests, unhandled):
        del once[Hop.RECEIVED][key]
    return Index(flow, once, page, events)


def _by_key(sightings: Iterable[Sighting]) -> dict[str, list[Sighting]]:
    found: dict[str, list[Sighting]] = {}
    for sighting in sightings:
        key = sighting.event.key
        if key in found:
            found[key].append(sighting)
        else:
            found[key] = [sighting]
    return found


def _events(
    once: Mapping[Hop, Mapping[str, list[Sighting]]], page: Mapping[Hop, Mapping[str, list[Sighting]]]
) -> dict[str, Event]:
    """Each event as the earliest hop has it; where that hop shows no payload, with the digest of the next that does."""
    events: dict[str, Event] = {}
    for hop in SERVER_SIDE:
        for key, sightings in once[hop].items():
            event, known = sightings[0].event, events.get(key)
            if known is None:
                events[key] = event
            elif known.digest is None and event.digest is not None:
                events[key] = replace(known, digest=event.digest)
    for hop in PAGE_SIDE:
        for listed in page[hop].values():
            for event in [sighting.event for sighting in listed]:
                if event.key not in events:
                    events[event.key] = event
    return events


def _unheard(
    once: Mapping[Hop, Mapping[str, list[Sighting]]],
    events: Mapping[str, Event],
    requests: Iterable[Fact],
    unhandled: Iterable[Fact],
) -> list[str]:
    """Events that reached the server's process and that no handler got: by definition they were not received.

    The server says so with the name of the Socket.IO message. That is the event's own, or that of the message which
    carries every event, and then it is no name of a request.
    """
    names: dict[tuple[str, str], set[str]] = defaultdict(set)
    for fact in unhandled:
        names[fact.observer, str(fact.data.get("sid"))].add(str(fact.data.get("name")))
    if not names:
        return []
    others = {str(fact.data.get("name")) for fact in requests} | {event.name for event in events.values()}
    found = []
    for key, sightings in once[Hop.RECEIVED].items():
        missing = [names.get((each.observer, str(each.detail.get("sid"))), set()) for each in sightings]
        if key not in once[Hop.ROUTED] and all(events[key].name in each or each - others for each in missing):
            found.append(key)
    return found
