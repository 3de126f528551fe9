"""The event of each sighting of one observer at one hop, of those that were reported (see matching). Pure; linear."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from operator import attrgetter
from typing import Any, TypeAlias

from harness.model import Event, Hop

Kind: TypeAlias = tuple[str | None, str, str | None]
"""Session, name and digest: what a sighting without a number says."""


# Asked of every sighting: as getters, with which no function of Python is called.
digest_of: Callable[[Event], str | None] = attrgetter("digest")
_seq_of: Callable[[Event], int | None] = attrgetter("seq")
_kind: Callable[[Event], Kind] = attrgetter("session", "name", "digest")
_named: Callable[[Event], tuple[str | None, str]] = attrgetter("session", "name")


@dataclass(frozen=True, slots=True)
class Matches:
    """The event of each sighting: `events` has those of an observer at a hop, in its order.

    `delivered` is what each page was given last, `held` the same without what it only shows; `how` says by what
    sightings were matched, and at which hops.
    """

    reported: Sequence[Event]
    events: Mapping[tuple[Hop, str], Sequence[Event]]
    delivered: Mapping[str, Sequence[Event]]
    held: Mapping[str, Sequence[Event]]
    how: str

    @property
    def unsent(self) -> list[Event]:
        """What was reported and not seen leaving its CLI."""
        sent = {event.key for (hop, _), events in self.events.items() if hop is Hop.SENT for event in events}
        return [event for event in self.reported if event.key not in sent]


def in_turn(seen: Sequence[Event], reported: Sequence[Event]) -> list[Event] | None:
    """The same as `pair` where nothing came more often than it was reported: each is the next one that says the same.

    None where that is not so, or where only some show data. What shows none is the next one of its name.
    """
    digests = {*map(digest_of, seen)}
    if {*map(_seq_of, seen)} - {None} or (None in digests and len(digests) > 1):
        return None
    kind = _named if None in digests else _kind
    waiting: dict[Any, list[Event]] = defaultdict(list)
    for event in reversed(reported):
        waiting[kind(event)].append(event)
    try:
        found = [waiting[each].pop() for each in map(kind, seen)]
    except IndexError:
        return None
    if None not in digests:
        return found
    # what shows no data, as the event that it is
    return [Event(mine.key, e.name, e.session, mine.seq, None, e.told) for e, mine in zip(seen, found, strict=True)]


def pair(
    seen: Sequence[Event], reported: Iterable[Event], told: Iterable[Event] = (), came: Iterable[Event] = ()
) -> list[Event]:
    """The event of each sighting of one observer at one hop, in order.

    `told` are those of the hops before; `came` what the last of these had: what is changed here is one of them.
    """
    there = _Reported(reported, told, came)
    surplus = there.surplus(seen)
    exact: list[Event | None] = []
    for event in seen:
        kind, before = _kind(event), exact[-1] if exact else None
        if event.seq is not None:
            exact.append(event)
        elif surplus[kind] > 0 and before is not None and there.is_repeated(before, kind):
            surplus[kind] -= 1
            exact.append(before)
        else:
            exact.append(there.next_alike(event))
    again = there.unknown_again(seen)
    changed: dict[Kind, Event] = {}
    for place, event in enumerate(seen):
        if exact[place] is None:
            kind = _kind(event)
            if kind in changed and again[event.session, event.name] > 0:
                again[event.session, event.name] -= 1
                exact[place] = changed[kind]
            else:
                exact[place] = there.next_named(event)
                if event.digest is not None:
                    changed[kind] = exact[place] or event
    return [event if mine is None else mine for event, mine in zip(seen, exact, strict=True)]


class _Reported:
    """The events that sightings of one observer are matched with; each is given out as often as it is in them.

    `told` are the same events as other hops saw them: one that was changed there says here what it said there.
    Of those of a name that are left the ones that `came` are given out first.
    """

    def __init__(self, events: Iterable[Event], told: Iterable[Event], came: Iterable[Event]) -> None:
        self._alike: dict[Kind, list[Event]] = defaultdict(list)
        self._named: dict[Kind, list[Event]] = defaultdict(list)
        self._came: dict[Kind, list[Event]] = defaultdict(list)
        self._order: list[Event] = []
        there = {event.key for event in came}
        for event in events:
            self._alike[_kind(event)].append(event)
            self._named[_name(event)].append(event)
            if event.key in there:
                self._came[_name(event)].append(event)
            self._order.append(event)
        self._behind = {event.key: _kind(later) for event, later in pairwise(self._order)}
        self._places: dict[int, int] = defaultdict(int)
        self._left = Counter(event.key for event in self._order)
        known = {(event.key, _kind(event)) for event in self._order}
        for event in told:
            if event.digest is not None and event.key in self._left and (event.key, _kind(event)) not in known:
                known.add((event.key, _kind(event)))
                self._alike[_kind(event)].append(event)

    def unknown_again(self, seen: Sequence[Event]) -> Counter[tuple[str | None, str]]:
        """Session and name to how many sightings with unknown data there are beyond the events they can be."""
        unknown = Counter((e.session, e.name) for e in seen if e.seq is None and e.digest and not self._knows(e))
        listed = ((s, n, e) for (s, n, _), those in (self._came or self._named).items() for e in those)
        free = Counter((s, n) for s, n, event in listed if self._left[event.key] > 0)
        return unknown - free

    def _knows(self, event: Event) -> bool:
        return bool(self._alike.get(_kind(event)))

    def surplus(self, seen: Iterable[Event]) -> Counter[Kind]:
        """How many sightings there are of a kind beyond what was reported."""
        counts = Counter(_kind(event) for event in seen if event.seq is None and event.digest is not None)
        return Counter({kind: count - len(self._alike.get(kind, ())) for kind, count in counts.items()})

    def is_repeated(self, before: Event, kind: Kind) -> bool:
        """Whether a sighting says what the one before it says, while something else was reported next."""
        return _kind(before) == kind and self._behind.get(before.key) != kind

    def next_alike(self, event: Event) -> Event | None:
        """The next event that says the same; None when there is none left, or when the sighting shows no data."""
        return None if event.digest is None else self._next(self._alike.get(_kind(event), []))

    def next_named(self, event: Event) -> Event:
        """The next event of the name, whatever its data; else the last one that may say the same once more.

        Else the sighting's own: as many as were reported are there already, and what this one says was not reported.
        """
        alike = self._alike.get(_kind(event), []) if event.digest is not None else []
        named = self._named.get(_name(event), [])
        mine = None if alike else self._next(self._came.get(_name(event), [])) or self._next(named)
        if mine is None and not alike and event.digest is not None:
            named = [each for each in named if each.digest is None]
        if mine is None and (alike or named):
            mine = (alike or named)[-1]
        return event if mine is None else replace(event, key=mine.key, seq=mine.seq)

    def _next(self, events: list[Event]) -> Event | None:
        place = self._places[id(events)]
        while place < len(events) and self._left[events[place].key] <= 0:
            place += 1
        self._places[id(events)] = place
        if place == len(events):
            return None
        self._left[events[place].key] -= 1
        return events[place]


def _name(event: Event) -> Kind:
    return (event.session, event.name, None)
