"""The events of a stored ledger, as columns: the same questions as of plain ones, asked of arrays.

What a reader of one event asks is made an object then. Pure.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence, Set
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from harness.model import Event
from harness.record.columns import Made
from harness.record.distinct import distinct
from harness.record.evidence.keys import Keys, OfKeys
from harness.record.evidence.streams import Events, by_seq
from harness.record.tables import PLAIN, Tables

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
else:
    from harness.record import arrays as np


class Some(Made[Event]):
    """Some events of a ledger, by their places in its table."""

    def __init__(self, tables: Tables, places: NDArray[Any]) -> None:
        self.tables, self.places = tables, places

    def __len__(self) -> int:
        return len(self.places)

    def at(self, places: Iterable[int]) -> Iterator[Event]:
        return map(self.tables.event, self.places[np.fromiter(places, dtype=np.intp)].tolist())

    def __iter__(self) -> Iterator[Event]:
        return map(self.tables.event, self.places.tolist())

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Some) and other.tables is self.tables:
            return np.array_equal(self.places, other.places)
        return isinstance(other, Sequence) and len(self) == len(other) and [*self] == [*other]

    __hash__ = None  # type: ignore[assignment]  # as a list is


class ByKey(OfKeys[Event], Events):
    """Key to its event. `at` has the event of each key of the ledger, -1 for none.

    `digests`: the event from which a key's digest is taken instead, -1 for its own.
    """

    def __init__(self, keys: Keys, at: NDArray[Any], digests: NDArray[Any] | None = None) -> None:
        self._keys, self.at, self._digests = keys, at, digests
        self._tables = keys.tables
        self._made: dict[int, Event] = {}

    def __getitem__(self, key: str) -> Event:
        place = self._tables.place_of_key[key]
        if self.at[place] < 0:
            raise KeyError(key)
        return self.at_place(place)

    def each(self) -> Iterable[Event]:
        if self._digests is None:
            return map(self._tables.event, self.at[self._keys.places].tolist())
        return map(self.at_place, self._keys.places.tolist())

    def of(self, keys: Iterable[str]) -> list[Event]:
        if isinstance(keys, Keys):
            places = keys.places
        else:
            listed = [*keys]
            places = np.array([*map(self._tables.place_of_key.__getitem__, listed)], dtype=np.intp)
            if (unknown := np.flatnonzero(self.at[places] < 0)).size:
                raise KeyError(listed[unknown[0]])
        if self._digests is None:
            return [*map(self._tables.event, self.at[places].tolist())]
        return [*map(self.at_place, places.tolist())]

    def some(self, keys: Iterable[str]) -> Sequence[Event]:
        return OfSession(keys, self) if isinstance(keys, Keys) else super().some(keys)

    def at_place(self, place: int) -> Event:
        """The event of the key at a place of the table."""
        event = self._tables.event(int(self.at[place]))
        if self._digests is None or self._digests[place] < 0:
            return event
        made = self._made.get(place)
        if made is None:
            digest = self._tables.event(int(self._digests[place])).digest
            made = self._made[place] = replace(event, digest=digest)
        return made

    def names(self, session: str | None = None) -> set[str]:
        """The names of all events, or of those of one session."""
        return names(self._tables, self.at[self._keys.places], session)

    def sessions_of(self, keys: Iterable[str]) -> set[str | None]:
        if isinstance(keys, Keys):
            return {*sessions(self._tables, self.at[keys.places])}
        places = [*map(self._tables.place_of_key.__getitem__, keys)]
        return {*sessions(self._tables, self.at[places])} if places else set()

    def instead(self, others: ByKey) -> ByKey:
        """The same, but those that are among others as they are there."""
        there = others.at >= 0
        digests = None if self._digests is None else np.where(there, -1, self._digests)
        return ByKey(self._keys, np.where(there, others.at, self.at), digests)

    def called(self, keys: Set[str]) -> Counter[str]:
        if not isinstance(keys, Keys):
            return super().called(keys)
        found, counts = np.unique(self._tables.event_name[self.at[keys.places]], return_counts=True)
        return Counter(dict(zip(map(self._tables.texts.__getitem__, found.tolist()), counts.tolist(), strict=True)))

    def kinds_of(self, keys: Iterable[str]) -> set[tuple[str, str | None]]:
        if not isinstance(keys, Keys):
            return super().kinds_of(keys)
        tables, at = self._tables, self.at[keys.places]
        pairs = tables.event_name[at] * np.int64(1 << 32) + tables.event_session[at] + 1
        found = (divmod(pair, 1 << 32) for pair in distinct(pairs).tolist())
        return {(tables.texts[name], tables.texts[session - 1] if session else None) for name, session in found}

    def named(self) -> dict[str, str]:
        named = self._tables.event_name[self.at[self._keys.places]].tolist()
        return dict(zip(self._keys, map(self._tables.texts.__getitem__, named), strict=True))

    def sessions(self) -> set[str | None]:
        """The sessions of all events."""
        return {*sessions(self._tables, self.at[self._keys.places])}

    def of_session(self, session: str) -> Keys:
        """The keys of the events of one session."""
        mine = self._tables.event_session[self.at[self._keys.places]] == place_of(self._tables, session)
        return Keys(self._tables, self._keys.places[mine])


def keys_of(events: Sequence[Event]) -> Sequence[str]:
    """The keys of some events."""
    return events.keys if isinstance(events, OfSession) else [event.key for event in events]


def key_set(events: Sequence[Event]) -> Set[str]:
    """The same as a set."""
    return events.keys if isinstance(events, OfSession) else dict.fromkeys(event.key for event in events).keys()


def named(events: Sequence[Event], names: Collection[str]) -> list[Event]:
    """Those of some events that have one of some names."""
    if isinstance(events, OfSession):
        return [*events.named(names)]
    return [event for event in events if event.name in names]


def by_name(events: Sequence[Event]) -> dict[str, Set[str]]:
    """What events are called, in the order of the first of each name, with the keys of those that are called so."""
    if isinstance(events, OfSession):
        return events.by_name()
    found: dict[str, Set[str]] = defaultdict(set)
    for event in events:
        found[event.name] |= {event.key}
    return found


def concerned(events: Sequence[Event], is_named: Callable[[str], bool], session: str | None) -> Sequence[Event]:
    """Those of some events whose name is wanted, and that are of a session where one is given."""
    if isinstance(events, OfSession):
        return events.only([*filter(is_named, events.by_name())], session)
    names = {event.name for event in events}
    wanted = {*filter(is_named, names)}
    if wanted == names and session is None:
        return events
    return [event for event in events if event.name in wanted and session in (None, event.session)]


def called(events: Iterable[Event]) -> Counter[str]:
    """What events are called, and how many of them each."""
    if isinstance(events, OfSession):
        return Counter({name: len(keys) for name, keys in events.by_name().items()})
    return Counter(event.name for event in events)


def seqs_of(events: Sequence[Event]) -> set[int]:
    """The numbers of some events."""
    if isinstance(events, OfSession) and (seqs := events.seqs) is not None:
        return {*seqs}
    return {event.seq for event in events if event.seq is not None}


class OfSession(Made[Event]):
    """The events of one session, or others, by their keys."""

    def __init__(self, keys: Keys, events: ByKey) -> None:
        self.keys, self._events = keys, events

    def __len__(self) -> int:
        return len(self.keys)

    @property
    def seqs(self) -> list[int] | None:
        """Their numbers; None where columns don't tell them all."""
        tables, at = self.keys.tables, self._events.at[self.keys.places]
        numbers: list[int] = tables.event_seq[at].tolist()
        return numbers if (tables.event_numbered[at] == PLAIN).all() else None

    def by_name(self) -> dict[str, Set[str]]:
        """The keys by the events' names, in the order of the first of each."""
        tables, places = self.keys.tables, self.keys.places
        names = tables.event_name[self._events.at[places]]
        known, first = np.unique(names, return_index=True)
        ordered = known[np.argsort(first)].tolist()
        return {tables.texts[name]: Keys(tables, places[names == name]) for name in ordered}

    def only(self, names: Iterable[str], session: str | None) -> OfSession:
        """Those that have one of some names, and are of a session where one is given."""
        tables, at = self.keys.tables, self._events.at[self.keys.places]
        mine = np.isin(tables.event_name[at], [place_of(tables, name) for name in names])
        if session is not None:
            mine &= tables.event_session[at] == place_of(tables, session)
        return self if mine.all() else OfSession(Keys(tables, self.keys.places[mine]), self._events)

    def named(self, names: Iterable[str]) -> Iterator[Event]:
        """Those that have one of some names."""
        tables, places = self.keys.tables, self.keys.places
        wanted = [place_of(tables, name) for name in names]
        return map(self._events.at_place, places[np.isin(tables.event_name[self._events.at[places]], wanted)].tolist())

    def at(self, places: Iterable[int]) -> Iterator[Event]:
        return map(self._events.at_place, self.keys.places[np.fromiter(places, dtype=np.intp)].tolist())

    def __iter__(self) -> Iterator[Event]:
        return map(self._events.at_place, self.keys.places.tolist())


def by_session(listed: Iterable[Keys], events: ByKey) -> dict[str, Sequence[Event]]:
    """The events of some keys by their sessions, numbered upwards; without those that are of no session."""
    keys: Keys | None = None
    for each in listed:
        keys = each if keys is None else keys.joined(each)
    if keys is None:
        return {}
    tables, at = keys.tables, events.at[keys.places]
    session = tables.event_session[at]
    found: dict[str, Sequence[Event]] = {}
    known, first = np.unique(session, return_index=True)
    for place in known[np.argsort(first)].tolist():
        if place < 0:
            continue
        mine = session == place
        own = OfSession(Keys(tables, keys.places[mine]) if not mine.all() else keys, events)
        numbered, seq = tables.event_numbered[at[mine]], tables.event_seq[at[mine]]
        rises = bool((numbered == PLAIN).all() and (seq[1:] > seq[:-1]).all())
        found[tables.texts[place]] = own if rises else sorted(own, key=by_seq)
    return found


class Counted(OfKeys[int]):
    """Key to how often: as a Counter, 0 for what is not one of its keys."""

    def __init__(self, keys: Keys, counts: NDArray[Any]) -> None:
        self._keys, self._counts = keys, counts

    def each(self) -> Iterable[int]:
        counts: list[int] = self._counts[self._keys.places].tolist()
        return counts

    def __getitem__(self, key: str) -> int:
        place = self._keys.tables.place_of_key.get(key)
        return 0 if place is None else int(self._counts[place])

    def get(self, key: str, default: Any = None) -> Any:
        return self[key] if key in self._keys else default


def sessions(tables: Tables, places: NDArray[Any]) -> list[str | None]:
    """The sessions of some events, in the order of their first ones."""
    found, first = np.unique(tables.event_session[places], return_index=True)
    return [tables.texts[place] if place >= 0 else None for place in found[np.argsort(first)].tolist()]


def names(tables: Tables, places: NDArray[Any], session: str | None = None) -> set[str]:
    """The names of some events, or of those of them that are of one session."""
    if session is not None:
        places = places[tables.event_session[places] == place_of(tables, session)]
    return {tables.texts[place] for place in distinct(tables.event_name[places]).tolist()}


def place_of(tables: Tables, text: str) -> int:
    """The place of a text in the table of texts; -2, which no text has, for one that is not in it."""
    return tables.place_of_text.get(text, -2)
