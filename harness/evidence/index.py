"""Sightings by hop, and which event a key stands for. Built once for a ledger; linear."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from harness.evidence.observers import in_order
from harness.model import PAGE_SIDE, SERVER_SIDE, Event, Fact, Hop, Sighting


@dataclass(frozen=True, slots=True)
class Index:
    """The sightings of a ledger.

    `once`: hop of the server's side to event key to its sightings. `page`: hop of the page's side to page load to its
    sightings, in the page's order. `events`: key to the event as it was first said, at the earliest hop.
    """

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
    once: dict[Hop, dict[str, list[Sighting]]] = {hop: defaultdict(list) for hop in SERVER_SIDE}
    page: dict[Hop, dict[str, list[Sighting]]] = {hop: defaultdict(list) for hop in PAGE_SIDE}
    for sighting in in_order(sightings):
        if sighting.hop <= Hop.ROUTED:
            once[sighting.hop][sighting.event.key].append(sighting)
        else:
            page[sighting.hop][sighting.observer].append(sighting)
    events = _events(once, page)
    for key in _unheard(once, events, requests, unhandled):
        del once[Hop.RECEIVED][key]
    # From here on a question about what was never seen must not add to the record.
    return Index(_closed(once), _closed(page), events)


def _closed(side: Mapping[Hop, Mapping[str, list[Sighting]]]) -> dict[Hop, dict[str, list[Sighting]]]:
    return {hop: dict(found) for hop, found in side.items()}


def _events(
    once: Mapping[Hop, Mapping[str, list[Sighting]]], page: Mapping[Hop, Mapping[str, list[Sighting]]]
) -> dict[str, Event]:
    """Each event as the earliest hop has it; where that hop shows no payload, with the digest of the next that does."""
    events: dict[str, Event] = {}

    def meet(event: Event) -> None:
        known = events.get(event.key)
        if known is None:
            events[event.key] = event
        elif known.digest is None and event.digest is not None:
            events[event.key] = replace(known, digest=event.digest)

    for hop in SERVER_SIDE:
        for sightings in once[hop].values():
            meet(sightings[0].event)
    for hop in PAGE_SIDE:
        for listed in page[hop].values():
            for sighting in listed:
                if sighting.event.key not in events:
                    events[sighting.event.key] = sighting.event
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
