"""What was seen at one hop, as a sequence of sightings that also answers for all of them at once. Pure."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Iterator, Sequence, Set
from functools import cached_property
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

from harness.model import Sighting
from harness.record.columns import Made, Sightings
from harness.record.distinct import distinct
from harness.record.evidence.keys import Keys

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
else:
    from harness.record import arrays as np


class Seen(Sequence[Sighting]):
    """The sightings of one hop, or of one observer at it, in order."""

    @abstractmethod
    def kinds(self) -> Iterable[Sighting]:
        """At least one sighting of each kind: the same observer, session, name, recipients and detail."""

    @abstractmethod
    def having(self, field: str) -> Iterable[Sighting]:
        """Those whose detail has a field."""

    @property
    @abstractmethod
    def at_ns(self) -> NDArray[np.int64]:
        """When each was seen."""

    @abstractmethod
    def after(self, n: int) -> Iterable[Sighting]:
        """Those after a place in the record of the one observer that saw all of them."""

    @property
    @abstractmethod
    def said(self) -> bytes | None:
        """What is the same for all that hold the same events with the same details in the same order; None: unknown."""

    @abstractmethod
    def of(self, key: str | None) -> Sequence[Sighting]:
        """Those of one event."""

    @abstractmethod
    def keys_with(self, field: str, value: str) -> Set[str]:
        """The keys of those whose detail has a value in a field."""

    @abstractmethod
    def last_ns(self, observer: str) -> int | None:
        """When one observer saw its last; None for one that saw nothing."""

    @abstractmethod
    def first_ns(self, observer: str) -> int | None:
        """When one observer saw its first; None for one that saw nothing."""

    @property
    @abstractmethod
    def recipients(self) -> int:
        """How many recipients all of them have together; those that several have count for each."""


class Listed(list[Sighting], Seen):
    """Sightings that are objects already."""

    def of(self, key: str | None) -> Sequence[Sighting]:
        return [sighting for sighting in self if sighting.event.key == key]

    def after(self, n: int) -> Iterable[Sighting]:
        return (sighting for sighting in self if sighting.n > n)

    @property
    def said(self) -> bytes | None:
        return None

    def keys_with(self, field: str, value: str) -> Set[str]:
        return {sighting.event.key for sighting in self if sighting.detail.get(field) == value}

    def kinds(self) -> Iterable[Sighting]:
        return self

    def having(self, field: str) -> Iterable[Sighting]:
        return (sighting for sighting in self if field in sighting.detail)

    @property
    def at_ns(self) -> NDArray[np.int64]:
        return np.array([sighting.at_ns for sighting in self], dtype=np.int64)

    def last_ns(self, observer: str) -> int | None:
        return max((sighting.at_ns for sighting in self if sighting.observer == observer), default=None)

    def first_ns(self, observer: str) -> int | None:
        return min((sighting.at_ns for sighting in self if sighting.observer == observer), default=None)

    @property
    def recipients(self) -> int:
        return sum(len(sighting.recipients or ()) for sighting in self)


class Rows(Made[Sighting], Seen):
    """Some sightings of a stored ledger, by their places in it."""

    def __init__(self, stored: Sightings, places: NDArray[Any]) -> None:
        self.stored, self.places = stored, places

    def __len__(self) -> int:
        return len(self.places)

    def at(self, places: Iterable[int]) -> Iterator[Sighting]:
        return self.stored.at(self.places[np.fromiter(places, dtype=np.intp)])

    def __iter__(self) -> Iterator[Sighting]:
        return self.stored.at(self.places)

    def __getitem__(self, index: int | slice) -> Any:
        if isinstance(index, slice):
            return [*self.stored.at(self.places[index])]
        return self.stored.one(int(self.places[index]))

    @cached_property
    def _by_key(self) -> tuple[NDArray[Any], NDArray[Any]]:
        """The places of the keys in order, and those of the sightings beside them."""
        keys = self.stored.tables.event_key[self.stored.event[self.places]]
        order = np.argsort(keys, kind="stable")
        return keys[order], self.places[order]

    def of(self, key: str | None) -> Sequence[Sighting]:
        place = self.stored.tables.place_of_key.get(key or "")
        if place is None:
            return []
        keys, rows = self._by_key
        first, last = np.searchsorted(keys, (place, place + 1))
        return [*map(self.stored.one, rows[first:last].tolist())]

    def after(self, n: int) -> Iterable[Sighting]:
        return self.stored.at(self.places[self.stored.n[self.places] > n])

    @property
    def said(self) -> bytes | None:
        columns = (np.ascontiguousarray(each[self.places]).data for each in (self.stored.event, self.stored.detail))
        digest = blake2b(digest_size=16)
        for column in columns:
            digest.update(column)
        return digest.digest()

    def keys_with(self, field: str, value: str) -> Set[str]:
        tables, has = self.stored.tables, self.stored.tables.details_with(field)
        details = self.stored.detail[self.places]
        mine = [place for place in distinct(details[has[details]]).tolist() if tables.detail(place)[field] == value]
        keys = tables.event_key[self.stored.event[self.places[np.isin(details, mine)]]]
        return Keys(tables, distinct(keys))

    def kinds(self) -> Iterable[Sighting]:
        stored, at = self.stored, self.places
        event, tables = stored.event[at], stored.tables
        kinds = [stored.observer[at], tables.event_session[event], tables.event_name[event]]
        kinds += [stored.recipients[at], stored.detail[at]]
        return stored.at(at[_first_of_each(kinds)])

    def having(self, field: str) -> Iterable[Sighting]:
        has = self.stored.tables.details_with(field)
        return self.stored.at(self.places[has[self.stored.detail[self.places]]])

    @property
    def at_ns(self) -> NDArray[np.int64]:
        at_ns: NDArray[np.int64] = self.stored.at_ns[self.places]
        return at_ns

    def last_ns(self, observer: str) -> int | None:
        mine = self._times_of(observer)
        return int(mine.max()) if len(mine) else None

    def first_ns(self, observer: str) -> int | None:
        mine = self._times_of(observer)
        return int(mine.min()) if len(mine) else None

    def _times_of(self, observer: str) -> NDArray[np.int64]:
        place = self.stored.tables.place_of_text.get(observer, -1)
        at_ns: NDArray[np.int64] = self.stored.at_ns[self.places[self.stored.observer[self.places] == place]]
        return at_ns

    @property
    def recipients(self) -> int:
        return int(self.stored.tables.recipients_counts[self.stored.recipients[self.places]].sum())


def _first_of_each(columns: Iterable[NDArray[Any]]) -> NDArray[Any]:
    """Where each different row of some columns of references (from -1 on) stands first."""
    kind: NDArray[np.int64] | None = None
    for column in columns:
        if kind is None:
            kind = column.astype(np.int64)
        elif len(column) and (column != column[0]).any():
            _, kind = np.unique(kind * (int(column.max()) + 2) + column, return_inverse=True)
    if kind is None or not len(kind):
        return np.empty(0, dtype=np.intp)
    first = np.unique(kind, return_index=True)[1]
    first.sort()
    return first
