"""How the first hop that shows an event had it, and which events of a later hop are just so. Pure.

Columns say at once of most events that nothing differs; the others are looked at one by one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence, Set
from typing import TYPE_CHECKING

from harness.model import Event, Hop
from harness.record.evidence.stored_events import ByKey
from harness.record.evidence.stored_streams import StoredStream
from harness.record.evidence.streams import Events, Stream
from harness.record.tables import NONE

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
else:
    from harness.record import arrays as np


class Firsts:
    """Event key to the hop that showed it first, and how. `closely`: keys that have to be looked at in any case."""

    def __init__(self, events: Events, closely: Set[str]) -> None:
        self._one_by_one: dict[str, tuple[Hop, Event]] = {}
        self._columns = _Columns(events, closely) if isinstance(events, ByKey) else None

    def get(self, key: str) -> tuple[Hop, Event] | None:
        """The hop that showed an event first, and how."""
        found = self._one_by_one.get(key)
        return found if found is not None or self._columns is None else self._columns.get(key)

    def set(self, hop: Hop, event: Event) -> None:
        """Compare an event with this from now on."""
        self._one_by_one[event.key] = (hop, event)

    def alike(self, hop: Hop, stream: Stream) -> tuple[int, Iterable[Event]]:
        """How many events were compared and are as they were; and those that have to be looked at, in order."""
        if self._columns is None or not isinstance(stream, StoredStream):
            return 0, stream.events
        return self._columns.alike(hop, stream)


class _Columns:
    """The same of those events in which no hop differed so far, by the places of their keys."""

    def __init__(self, events: ByKey, closely: Set[str]) -> None:
        self._tables = events.keys().tables
        size = len(self._tables.key_seq)
        self._event = np.full(size, -1, dtype=np.int64)
        self._hop = np.zeros(size, dtype=np.int64)
        self._closely = np.zeros(size, dtype=np.bool_)
        self._closely[[self._tables.place_of_key[key] for key in closely]] = True

    def get(self, key: str) -> tuple[Hop, Event] | None:
        place = self._tables.place_of_key[key]
        event = int(self._event[place])
        return None if event < 0 else (Hop(int(self._hop[place])), self._tables.event(event))

    def alike(self, hop: Hop, stream: StoredStream) -> tuple[int, Iterable[Event]]:
        keys, here, tables = stream.key_places, stream.places, self._tables
        event, at = self._event.copy(), self._hop.copy()
        is_new = event[keys] < 0
        _put(event, at, keys[is_new], here[is_new], hop)
        shows = tables.event_digested[here] != NONE
        # What a CLI does not print is taken from the next hop that shows it.
        begins = shows & (at[keys] == Hop.EMITTED) & (tables.event_digested[event[keys]] == NONE)
        if begins.any() and not stream.is_single:
            self._closely[keys[begins & (np.bincount(keys)[keys] > 1)]] = True
        _put(event, at, keys[begins], here[begins], hop)
        first = event[keys]
        self._closely[keys[~_same(tables.event_name, first, here)]] = True
        both = shows & (tables.event_digested[first] != NONE)
        equal = _same(tables.event_digest, first, here) & _same(tables.event_digested, first, here)
        self._closely[keys[both & ~equal]] = True
        closely = self._closely[keys]
        event[self._closely], at[self._closely] = self._event[self._closely], self._hop[self._closely]
        self._event, self._hop = event, at
        checks = int(np.count_nonzero(both & (at[keys] < hop) & ~closely))
        return checks, map(tables.event, here[closely].tolist())


def are_said_alike(stream: Stream, others: Sequence[Stream]) -> bool:
    """Whether every event of a stream that shows data has the name and the data that one of the others gives its key.

    The last of those that shows data of it counts. As far as columns tell: False where they don't.
    """
    if not isinstance(stream, StoredStream):
        return False
    tables, event = stream.tables, np.full(len(stream.tables.key_seq), -1, dtype=np.int64)
    for other in others:
        if not isinstance(other, StoredStream):
            return False
        shows = tables.event_digested[other.places] != NONE
        event[other.key_places[shows]] = other.places[shows]
    here = stream.places[tables.event_digested[stream.places] != NONE]
    said = event[tables.event_key[here]]
    alike = (said >= 0) & _same(tables.event_name, said, here) & _same(tables.event_digest, said, here)
    return bool((alike & _same(tables.event_digested, said, here)).all())


def _put(
    event: NDArray[np.int64], at: NDArray[np.int64], keys: NDArray[np.int32], here: NDArray[np.int32], hop: Hop
) -> None:
    event[keys[::-1]], at[keys] = here[::-1], hop  # of several, the first is written last


def _same(column: NDArray[np.int64], one: NDArray[np.int64], other: NDArray[np.int32]) -> NDArray[np.bool_]:
    same: NDArray[np.bool_] = column[one] == column[other]
    return same
