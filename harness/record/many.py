"""Sightings of a few events by very many observers, as columns: a million of them as objects would take a minute."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from harness.model import Sighting


@dataclass(frozen=True, slots=True)
class Sightings:
    """One sighting for each place of the columns, which are equally long.

    `said[event[i]]` is what was seen: its hop, event and detail count, the rest of it does not.
    `observers[observer[i]]` saw it, as the record `n[i]` of its own, at `at_ns[i]` monotonic nanoseconds.
    """

    said: Sequence[Sighting]
    observers: Sequence[str]
    event: Sequence[int]
    observer: Sequence[int]
    n: Sequence[int]
    at_ns: Sequence[int]

    def __len__(self) -> int:
        return len(self.event)

    def parts(self, most: int) -> Iterator[Sightings]:
        """The same in pieces of at most so many sightings."""
        for start in range(0, len(self), most):
            columns = (each[start : start + most] for each in (self.event, self.observer, self.n, self.at_ns))
            yield Sightings(self.said, self.observers, *columns)

    def __iter__(self) -> Iterator[Sighting]:
        """The sightings one by one, as all other modules know them."""
        for event, observer, n, at_ns in zip(self.event, self.observer, self.n, self.at_ns, strict=True):
            yield replace(self.said[event], observer=self.observers[observer], n=n, at_ns=at_ns)
