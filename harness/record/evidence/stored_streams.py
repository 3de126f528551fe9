"""The index of a stored ledger, as columns: the same questions as of the plain one (see streams), asked of arrays.

What a reader of one event asks is made an object then. Pure; nothing here says what is right: that is the judge's.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

from harness.model import PAGE_SIDE, SERVER_SIDE, Hop, Sighting
from harness.record.columns import Sightings
from harness.record.distinct import distinct
from harness.record.evidence.keys import Keys, OfKeys
from harness.record.evidence.observers import in_order, incarnation
from harness.record.evidence.place_numbers import BITS, MOST_INCARNATIONS
from harness.record.evidence.seen import Rows
from harness.record.evidence.stored_events import ByKey, Counted, Some, names, sessions
from harness.record.evidence.streams import Once, Stream, Streams
from harness.record.tables import NONE, PLAIN, Tables

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
else:
    from harness.record import arrays as np


class StoredStream(Stream):
    """A stream of a stored ledger."""

    def __init__(self, tables: Tables, places: NDArray[Any], keys: Keys | None = None) -> None:
        super().__init__(Some(tables, places))
        self.tables, self.places = tables, places
        self._given = keys

    @cached_property
    def key_places(self) -> NDArray[Any]:
        """The key of each event, as its place."""
        places: NDArray[Any] = self.tables.event_key[self.places]
        return places

    @cached_property
    def _firsts(self) -> NDArray[Any]:
        """Where each key stands first, in their order."""
        first = np.unique(self.key_places, return_index=True)[1]
        first.sort()
        return first

    @cached_property
    def keys(self) -> Keys:
        if self._given is not None:
            return self._given
        keys = Keys(self.tables, self.key_places)
        return keys if int(np.count_nonzero(keys.among)) == len(keys) else Keys(self.tables, keys.places[self._firsts])

    @cached_property
    def by_key(self) -> ByKey:
        at = np.full(len(self.tables.key_seq), -1, dtype=np.int32)
        at[self.key_places[::-1]] = self.places[::-1]  # of several, the first is written last
        return ByKey(self.keys, at)

    @cached_property
    def counted(self) -> Counted:
        return Counted(self.keys, np.bincount(self.key_places, minlength=len(self.tables.key_seq)))

    @cached_property
    def is_single(self) -> bool:
        return len(self.keys) == len(self.places)

    @cached_property
    def is_numbered(self) -> bool:
        tables, at = self.tables, self.places
        return not len(at) or bool((tables.event_numbered[at] != NONE).all() and (tables.event_session[at] >= 0).all())

    @cached_property
    def sessions(self) -> list[str | None]:
        return sessions(self.tables, self.places)

    @cached_property
    def listed_keys(self) -> Sequence[str]:
        return [*map(self.tables.keys.__getitem__, self.key_places.tolist())]

    @cached_property
    def names(self) -> set[str]:
        return names(self.tables, self.places)

    @cached_property
    def rises(self) -> bool:
        at, tables = self.places if self.is_single else self.places[self._firsts], self.tables
        if not (tables.event_numbered[at] == PLAIN).all():
            return self.plain.rises
        session, seq = tables.event_session[at], tables.event_seq[at]
        if len(session) and (session != session[0]).any():
            order = np.argsort(session, kind="stable")
            session, seq = session[order], seq[order]
        return bool(((seq[1:] > seq[:-1]) | (session[1:] != session[:-1])).all())

    @property
    def plain(self) -> Stream:
        """The same of objects."""
        return Stream([*self.events])


def are_in_order(stream: Stream, before: Stream) -> bool:
    """Whether a stream holds nothing but what came before, each session in that order, as far as columns tell."""
    if not isinstance(stream, StoredStream) or not isinstance(before, StoredStream) or not stream.keys <= before.keys:
        return False
    place = np.zeros(len(stream.tables.key_seq), dtype=np.int64)
    place[before.key_places[::-1]] = np.arange(len(before.places))[::-1]
    at, session = place[stream.key_places], stream.tables.event_session[stream.places]
    order = np.argsort(session, kind="stable")
    at, session = at[order], session[order]
    return bool(((at[1:] >= at[:-1]) | (session[1:] != session[:-1])).all())


class Grouped(OfKeys[Sequence[Sighting]], Once):
    """Event key to its sightings at one hop."""

    def __init__(self, stream: StoredStream, rows: Rows) -> None:
        self.stream, self.rows = stream, rows
        self._keys = stream.keys
        self._made: dict[int, Sequence[Sighting]] = {}

    @cached_property
    def _sorted(self) -> tuple[NDArray[Any], NDArray[Any]]:
        """The places of the sightings by their keys, and where those of each key end."""
        order = np.argsort(self.stream.key_places, kind="stable")
        return order, np.cumsum(np.bincount(self.stream.key_places, minlength=len(self.stream.tables.key_seq)))

    @cached_property
    def first(self) -> NDArray[Any]:
        """Of each key of the ledger the place of its first sighting in the ledger, -1 for none."""
        found = np.full(len(self.stream.tables.key_seq), -1, dtype=np.int64)
        found[self.stream.key_places[::-1]] = self.rows.places[::-1]
        return found

    def __getitem__(self, key: str) -> Sequence[Sighting]:
        place = self.stream.tables.place_of_key[key]
        if not self.stream.keys.among[place]:
            raise KeyError(key)
        found = self._made.get(place)
        if found is None:
            found = self._made[place] = self._at(place)
        return found

    def _at(self, place: int) -> Sequence[Sighting]:
        if self.stream.is_single:
            return (self.rows.stored.one(int(self.first[place])),)
        order, ends = self._sorted
        mine = order[ends[place - 1] if place else 0 : ends[place]]
        return tuple(self.rows.stored.at(self.rows.places[mine]))

    def each(self) -> Iterable[Sequence[Sighting]]:
        stored, keys = self.rows.stored, self._keys.places
        if self.stream.is_single:
            return zip(stored.at(self.first[keys]))
        order, ends = self._sorted
        made = [*stored.at(self.rows.places[order])]
        begins = np.concatenate([np.zeros(1, dtype=ends.dtype), ends])
        spans = zip(begins[keys].tolist(), ends[keys].tolist(), strict=True)
        return (tuple(made[begin:end]) for begin, end in spans)

    def positions(self) -> NDArray[np.int64]:
        """Of each key of the ledger where in its observer's record it was first, as one number; -1 for none."""
        stored, rows = self.rows.stored, self.first[self.stream.keys.places]
        texts, seen = stored.tables.texts, distinct(stored.observer[rows])
        nth = np.zeros(len(texts), dtype=np.int64)
        nth[seen] = [incarnation(texts[place]) for place in seen.tolist()]
        found = np.full(len(self.first), -1, dtype=np.int64)
        found[self.stream.keys.places] = (nth[stored.observer[rows]] << BITS) + stored.n[rows]
        return found

    def recipients(self) -> Iterator[tuple[str, tuple[str, ...]]]:
        """Each key with whom its first sighting names as recipients, none where they were not observed."""
        stored = self.rows.stored
        resolved = stored.recipients[self.first[self.stream.keys.places]].tolist()
        lists = {place: stored.tables.recipients(place) or () for place in {*resolved}}
        return zip(self.stream.keys, map(lists.__getitem__, resolved), strict=True)

    def firsts(self) -> Iterator[tuple[str, Sighting]]:
        sightings = self.rows.stored.at(self.first[self.stream.keys.places])
        return zip(self.stream.keys, sightings, strict=True)

    def repeated(self) -> Iterator[tuple[str, Sequence[Sighting]]]:
        """The keys that have several sightings, with those."""
        if not self.stream.is_single:
            counts = np.bincount(self.stream.key_places, minlength=len(self.stream.tables.key_seq))
            again = self.stream.keys.places[counts[self.stream.keys.places] > 1]
            yield from ((key, self[key]) for key in Keys(self.stream.tables, again))


def events_of(said: Iterable[StoredStream], shown: Iterable[StoredStream], tables: Tables) -> ByKey:
    """Each event as the earliest hop has it; where that hop shows no payload, with the digest of the next that does."""
    at = np.full(len(tables.key_seq), -1, dtype=np.int32)
    digests = at.copy()
    order: list[NDArray[Any]] = []
    undigested = np.zeros(len(at), dtype=np.bool_)
    for stream in said:
        keys, here = stream.keys.places, stream.by_key.at
        shows = keys[undigested[keys] & (tables.event_digested[here[keys]] != NONE)]
        digests[shows], undigested[shows] = here[shows], False
        new = keys[at[keys] < 0]
        at[new] = here[new]
        undigested[new] = tables.event_digested[at[new]] == NONE
        order.append(new)
    for stream in shown:
        keys = stream.keys.places
        new = keys[at[keys] < 0]
        at[new] = stream.by_key.at[new]
        order.append(new)
    known = np.concatenate(order) if order else np.empty(0, dtype=np.int32)
    return ByKey(Keys(tables, known), at, digests if (digests >= 0).any() else None)


class StoredStreams(Streams):
    """The streams of one stored ledger."""

    def __init__(self, tables: Tables) -> None:
        super().__init__()
        self._tables = tables
        self._same: dict[bytes, StoredStream] = {}
        self._alike: dict[bytes, Keys] = {}

    def at(self, places: NDArray[Any]) -> StoredStream:
        """The stream of some events, by their places in the table: one that is known already where it is the same."""
        said = digest_of(places)
        found = self._same.get(said)
        if found is None:
            found = StoredStream(self._tables, places)
            keyed = digest_of(found.key_places)
            if keyed in self._alike:
                found = StoredStream(self._tables, places, self._alike[keyed])
            self._alike[keyed] = found.keys
            self._same[said] = found
        return found


def digest_of(column: NDArray[Any]) -> bytes:
    """What tells a column from every other."""
    from hashlib import blake2b

    return blake2b(np.ascontiguousarray(column).data, digest_size=16).digest()


def are_regular(sightings: Sightings) -> bool:
    """Whether a ledger is as a writer writes it, so that places can stand for what they refer to, and for an order."""
    number, texts = sightings.n, sightings.tables.texts
    if len(number) and not (int(number.min()) >= 0 and int(number.max()) < 1 << BITS):
        return False
    observers = (texts[place] for place in distinct(sightings.observer).tolist())
    return sightings.tables.is_unambiguous and all(incarnation(each) < MOST_INCARNATIONS for each in observers)


def groups(sightings: Sightings) -> dict[Hop, dict[str, NDArray[Any]]]:
    """Hop to observer to the places of its sightings, each in its own order, the observers' incarnations in order."""
    texts = sightings.tables.texts
    seen = distinct(sightings.observer).tolist()
    named = [place for _, place in in_order({texts[place]: place for place in seen})]
    rank = np.zeros(len(texts) + 1, dtype=np.int64)
    rank[named] = np.arange(len(named))
    group = sightings.hop.astype(np.int64) * len(named) + rank[sightings.observer]
    if len(Hop) * len(named) < 1 << 16:
        group = group.astype(np.uint16)  # NumPy sorts numbers of 16 bits in linear time
    order = np.argsort(group, kind="stable")
    ends = np.cumsum(np.bincount(group, minlength=len(Hop) * len(named)))
    number = sightings.n[order]
    is_same = group[order][1:] == group[order][:-1]
    if (is_same & (number[1:] < number[:-1])).any():
        order = np.lexsort((sightings.n, group))
    if len(order) < 1 << 31:
        order = order.astype(np.int32)
    found: dict[Hop, dict[str, NDArray[Any]]] = {hop: {} for hop in Hop}
    for place in np.flatnonzero(np.diff(ends, prepend=0)).tolist():
        hop, whose = divmod(place, len(named))
        found[Hop(hop)][texts[named[whose]]] = order[ends[place - 1] if place else 0 : ends[place]]
    return found


def seen_by_hop(sightings: Sightings) -> tuple[dict[Hop, Rows], dict[Hop, dict[str, Rows]]]:
    """The sightings of each hop of the server's side, and those of the page's side by page load."""
    found = groups(sightings)
    nothing = np.empty(0, dtype=np.int32)
    flow = {hop: Rows(sightings, np.concatenate([nothing, *found[hop].values()])) for hop in SERVER_SIDE}
    page = {hop: {load: Rows(sightings, places) for load, places in found[hop].items()} for hop in PAGE_SIDE}
    return flow, page
