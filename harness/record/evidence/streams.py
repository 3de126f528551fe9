"""Which events were seen at one hop, in order. What several hops saw alike is kept, and looked at, once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, KeysView, Mapping, Sequence
from functools import cached_property
from itertools import islice
from operator import attrgetter, eq, lt

from harness.model import Event, Sighting

event_of = attrgetter("event")
key_of = attrgetter("key")
seq_of = attrgetter("seq")
session_of = attrgetter("session")


class Stream:
    """The events of some sightings, in their order. Two hops that saw the same events share one stream.

    `alike` is a stream of the same events that says other things of them: the page shows no payloads.
    """

    def __init__(self, events: list[Event], alike: Stream | None = None) -> None:
        self.events, self._alike = events, alike

    @cached_property
    def keys(self) -> KeysView[str]:
        """The events' keys; the very same object where two streams have the same keys in the same order."""
        return self.by_key.keys() if self._alike is None else self._alike.keys

    @cached_property
    def by_key(self) -> dict[str, Event]:
        """Each event as it was first said, by its key."""
        found = dict(zip(map(key_of, self.events), self.events, strict=True))
        if len(found) < len(self.events):  # where an event came twice, the above has its last one
            found = {}
            for event in self.events:
                found.setdefault(event.key, event)
        return found

    @cached_property
    def counted(self) -> Counter[str]:
        """Event key to how often."""
        return Counter(map(key_of, self.events))

    @cached_property
    def is_single(self) -> bool:
        """Whether no event came twice."""
        return len(self.keys) == len(self.events)

    @cached_property
    def is_numbered(self) -> bool:
        """Whether every event says which one of which session it is."""
        return None not in self.sessions and None not in {*map(seq_of, self.events)}

    @cached_property
    def sessions(self) -> list[str | None]:
        """The sessions of the events, in the order of their first ones."""
        return [*dict.fromkeys(map(session_of, self.events))]

    @cached_property
    def rises(self) -> bool:
        """Whether all are of one session, and numbered upwards, as nearly every stream is."""
        numbers = [*map(seq_of, self.events)]
        if None in numbers or len(self.sessions) > 1:
            return False
        return all(map(lt, numbers, islice(numbers, 1, None)))


class Streams:
    """The streams of one ledger."""

    def __init__(self) -> None:
        self._known: list[Stream] = []

    def of(self, sightings: Iterable[Sighting]) -> Stream:
        """The stream of some sightings: one that is known already where it has the very same events."""
        events = [*map(event_of, sightings)]
        same = next((known for known in self._known if known.events == events), None)
        if same is not None:
            return same
        alike = next((known for known in self._known if _have_same_keys(known.events, events)), None)
        self._known.append(Stream(events, alike))
        return self._known[-1]


def _have_same_keys(some: Sequence[Event], others: Sequence[Event]) -> bool:
    return len(some) == len(others) and all(map(eq, map(key_of, some), map(key_of, others)))


class Single(Mapping[str, Sequence[Sighting]]):
    """Event key to its only sighting at a hop where no event came twice."""

    def __init__(self, stream: Stream, sightings: Sequence[Sighting]) -> None:
        self._stream, self._sightings = stream, sightings

    @cached_property
    def _by_key(self) -> dict[str, tuple[Sighting]]:
        """Made when somebody asks for one event: a run that passes needs none of them."""
        return dict(zip(self._stream.keys, zip(self._sightings, strict=True), strict=True))

    def __getitem__(self, key: str) -> Sequence[Sighting]:
        return self._by_key[key]

    def __contains__(self, key: object) -> bool:
        return key in self._stream.keys

    def __iter__(self) -> Iterator[str]:
        return iter(self._stream.keys)

    def __len__(self) -> int:
        return len(self._sightings)

    def keys(self) -> KeysView[str]:
        return self._stream.keys
