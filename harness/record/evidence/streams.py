"""Which events were seen at one hop, in order. What several hops saw alike is kept, and looked at, once."""

from __future__ import annotations

from abc import abstractmethod
from collections import Counter
from collections.abc import Iterable, Iterator, KeysView, Mapping, Sequence, Set
from functools import cached_property
from operator import attrgetter, eq

from harness.model import Event, Sighting

event_of = attrgetter("event")
key_of = attrgetter("key")
seq_of = attrgetter("seq")
session_of = attrgetter("session")
digest_of = attrgetter("digest")
name_of = attrgetter("name")


def by_seq(event: Event) -> tuple[int, str]:
    """The order of a session's events."""
    return (event.seq if event.seq is not None else 0, event.key)


class Stream:
    """The events of some sightings, in their order. Two hops that saw the same events share one stream.

    `alike` is a stream of the same events that says other things of them: the page shows no payloads.
    """

    def __init__(self, events: Sequence[Event], alike: Stream | None = None) -> None:
        self.events, self._alike = events, alike

    @cached_property
    def keys(self) -> KeysView[str]:
        """The events' keys; the very same object where two streams have the same keys in the same order."""
        return self.by_key.keys() if self._alike is None else self._alike.keys

    @cached_property
    def by_key(self) -> Events:
        """Each event as it was first said, by its key."""
        found = dict(zip(map(key_of, self.events), self.events, strict=True))
        if len(found) < len(self.events):  # where an event came twice, the above has its last one
            found = {}
            for event in self.events:
                found.setdefault(event.key, event)
        return Known(found)

    @cached_property
    def counted(self) -> Mapping[str, int]:
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
    def names(self) -> set[str]:
        """What the events are called."""
        return {*map(name_of, self.events)}

    @cached_property
    def listed_keys(self) -> Sequence[str]:
        """The key of each event, as often as it came."""
        return [*map(key_of, self.events)]

    @cached_property
    def digests(self) -> set[str | None]:
        """The digests of what the events say."""
        return {*map(digest_of, self.events)}

    @cached_property
    def rises(self) -> bool:
        """Whether the events of each session are numbered upwards when they first come, as in nearly every stream."""
        last: dict[str | None, int] = {}
        for event in self.by_key.values():
            if event.seq is None or event.seq <= last.get(event.session, event.seq - 1):
                return False
            last[event.session] = event.seq
        return True


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


class Once(Mapping[str, Sequence[Sighting]]):
    """Event key to its sightings at one hop."""

    @abstractmethod
    def repeated(self) -> Iterable[tuple[str, Sequence[Sighting]]]:
        """The keys that have several sightings, with those."""

    @abstractmethod
    def firsts(self) -> Iterable[tuple[str, Sighting]]:
        """Each key with its first sighting."""


class Several(dict[str, Sequence[Sighting]], Once):
    """The same where events came more than once."""

    def repeated(self) -> Iterable[tuple[str, Sequence[Sighting]]]:
        return ((key, sightings) for key, sightings in self.items() if len(sightings) > 1)

    def firsts(self) -> Iterable[tuple[str, Sighting]]:
        return ((key, sightings[0]) for key, sightings in self.items())


class Single(Once):
    """Event key to its only sighting at a hop where no event came twice."""

    def __init__(self, stream: Stream, sightings: Sequence[Sighting]) -> None:
        self._stream, self._sightings = stream, sightings

    @cached_property
    def _by_key(self) -> dict[str, tuple[Sighting]]:
        """Made when one event is asked for: a run that passes needs none of them."""
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

    def repeated(self) -> Iterable[tuple[str, Sequence[Sighting]]]:
        return ()

    def firsts(self) -> Iterable[tuple[str, Sighting]]:
        return zip(self._stream.keys, self._sightings, strict=True)


class Events(Mapping[str, Event]):
    """Event key to the event as it was first said, at the earliest hop."""

    @abstractmethod
    def names(self, session: str | None = None) -> set[str]:
        """What the events are called, or those of one session."""

    def of(self, keys: Iterable[str]) -> list[Event]:
        """Some events, in the order of their keys."""
        return [*map(self.__getitem__, keys)]

    def some(self, keys: Iterable[str]) -> Sequence[Event]:
        """The same, made objects when one is asked for."""
        return self.of(keys)

    def sessions_of(self, keys: Iterable[str]) -> set[str | None]:
        """The sessions of some events."""
        return {self[key].session for key in keys}

    def called(self, keys: Set[str]) -> Counter[str]:
        """What some events are called, and how many of them each."""
        return Counter(self[key].name for key in keys)

    def kinds_of(self, keys: Iterable[str]) -> set[tuple[str, str | None]]:
        """The names of some events, each with the sessions that have some of that name."""
        return {(event.name, event.session) for event in self.of(keys)}

    def named(self) -> dict[str, str]:
        """What each is called."""
        return {key: event.name for key, event in self.items()}

    @abstractmethod
    def sessions(self) -> set[str | None]:
        """The sessions of the events."""

    @abstractmethod
    def of_session(self, session: str) -> Set[str]:
        """The keys of the events of one session."""


class Known(dict[str, Event], Events):
    """Events that are objects already."""

    def names(self, session: str | None = None) -> set[str]:
        return {event.name for event in self.values() if session is None or event.session == session}

    def sessions(self) -> set[str | None]:
        return {*map(session_of, self.values())}

    def of_session(self, session: str) -> Set[str]:
        return {key for key, event in self.items() if event.session == session}
