"""When events were somewhere, by their keys: joined for all events at once. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.record.evidence.keys import Keys
from harness.record.evidence.seen import Seen
from harness.record.evidence.stored_streams import Grouped, StoredStream
from harness.record.evidence.streams import Once, Stream, key_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
else:
    from harness.record import arrays as np


@dataclass(frozen=True, slots=True)
class Times:
    """When each of some events, each of them once, was somewhere: nanoseconds."""

    keys: Sequence[str]
    at_ns: NDArray[np.int64]

    @classmethod
    def of(cls, times: Mapping[str, int]) -> Times:
        """Times by key."""
        return cls([*times], np.array([*times.values()], dtype=np.int64))

    @classmethod
    def of_keys(cls, keys: Iterable[str]) -> Times:
        """No times at all, of some events."""
        listed = keys if isinstance(keys, Keys) else [*keys]
        return cls(listed, np.zeros(len(listed), dtype=np.int64))

    @classmethod
    def seen(cls, stream: Stream, sightings: Seen, is_last: bool = False) -> Times:
        """When each event of a stream was seen first, or last."""
        at_ns = sightings.at_ns
        if isinstance(stream, StoredStream):
            if stream.is_single:
                return cls(stream.keys, at_ns)
            found = np.zeros(len(stream.tables.key_seq), dtype=np.int64)
            way = 1 if is_last else -1  # of several times the one that is written last is kept
            found[stream.key_places[::way]] = at_ns[::way]
            return cls(stream.keys, found[stream.keys.places])
        pairs = zip(map(key_of, stream.events), at_ns.tolist(), strict=True)
        return cls.of(dict(pairs) if is_last else _firsts(pairs))

    @classmethod
    def at_hop(cls, once: Once, is_last: bool = False) -> Times:
        """When each event was seen at a hop of the server's side first, or last."""
        if isinstance(once, Grouped):
            return cls.seen(once.stream, once.rows, is_last)
        return cls.of({key: sightings[-1 if is_last else 0].at_ns for key, sightings in once.items()})

    def by_key(self) -> dict[str, int]:
        """The times by key."""
        return dict(zip(self.keys, self.at_ns.tolist(), strict=True))

    def or_earlier(self, others: Times) -> Times:
        """The times of all events that either has, the earlier where both have one."""
        if isinstance(self.keys, Keys) and isinstance(others.keys, Keys):
            if self.keys is others.keys:
                return Times(self.keys, np.minimum(self.at_ns, others.at_ns))
            latest = np.iinfo(np.int64).max
            found = np.full(len(self.keys.among), latest, dtype=np.int64)
            found[self.keys.places] = self.at_ns
            found[others.keys.places] = np.minimum(found[others.keys.places], others.at_ns)
            new = others.keys.places[~self.keys.among[others.keys.places]]
            places = np.concatenate([self.keys.places, new])
            return Times(Keys(self.keys.tables, places), found[places])
        mine, theirs = self.by_key(), others.by_key()
        return Times.of({key: min(mine.get(key, at), at) for key, at in {**mine, **theirs}.items()})

    def those_of(self, stream: Stream) -> tuple[NDArray[np.bool_], NDArray[np.int64]]:
        """Of each event of a stream whether its time is among these, and that time."""
        keys = self.keys
        if isinstance(keys, Keys) and isinstance(stream, StoredStream):
            if keys is stream.keys and stream.is_single:
                return np.ones(len(keys), dtype=np.bool_), self.at_ns
            found = np.zeros(len(keys.among), dtype=np.int64)
            found[keys.places] = self.at_ns
            return keys.among[stream.key_places], found[stream.key_places]
        known = self.by_key()
        times = [known.get(event.key) for event in stream.events]
        has = np.array([at is not None for at in times], dtype=np.bool_)
        return has, np.array([at or 0 for at in times], dtype=np.int64)

    def earlier_than(self, causes: Times, slack_ns: int) -> Iterator[str]:
        """The events that were here more than a slack before they were there."""
        keys, here_ns, there_ns = self.beside(causes)
        return (keys[place] for place in np.flatnonzero(here_ns + slack_ns < there_ns).tolist())

    def took(self, stream: Stream, sightings: Seen) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """The places of those sightings of a stream whose events have a time here, and how long each took since."""
        has, since_ns = self.those_of(stream)
        places = np.flatnonzero(has)
        return places, (sightings.at_ns - since_ns)[places]

    def beside(self, others: Times) -> tuple[Sequence[str], NDArray[np.int64], NDArray[np.int64]]:
        """The keys that both have, in the order of these, with their times here and there."""
        keys, theirs = self.keys, others.keys
        if isinstance(keys, Keys) and isinstance(theirs, Keys):
            if keys is theirs:
                return keys, self.at_ns, others.at_ns
            there = np.zeros(len(keys.among), dtype=np.int64)
            there[theirs.places] = others.at_ns
            both = theirs.among[keys.places]
            places = keys.places[both]
            return Keys(keys.tables, places), self.at_ns[both], there[places]
        if isinstance(theirs, Keys):
            places = [*map(theirs.tables.place_of_key.get, keys)]
            known_ones = np.array([place is not None for place in places], dtype=np.bool_)
            mine = Keys(theirs.tables, np.array([place for place in places if place is not None], dtype=np.int32))
            return Times(mine, self.at_ns[known_ones]).beside(others)
        known = others.by_key()
        here = {key: at for key, at in self.by_key().items() if key in known}
        here_ns, there_ns = (
            np.array([*here.values()], dtype=np.int64),
            np.array([*map(known.get, here)], dtype=np.int64),
        )
        return [*here], here_ns, there_ns


def _firsts(pairs: Iterable[tuple[str, int]]) -> dict[str, int]:
    found: dict[str, int] = {}
    for key, at_ns in pairs:
        found.setdefault(key, at_ns)
    return found
