"""The columns of a stored ledger under other events and keys: those that its sightings were matched with."""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from typing import TYPE_CHECKING, Any

from harness.model import Event
from harness.record.columns import Facts, Sightings
from harness.record.encoder import Encoder
from harness.record.tables import Gathered, Tables

if TYPE_CHECKING:
    from numpy.typing import NDArray


class NewTables:
    """Tables in the making: the texts of old ones, and new events, keys and lists."""

    def __init__(self, old: Tables) -> None:
        self._old = old
        self._encoder = Encoder(old.texts)
        self._events: dict[int, int] = {}
        self.made_of: dict[int, Event] = {}
        """The events by their places."""
        self._kept: list[Event] = []

    def events(self, events: Sequence[Event]) -> list[int]:
        """The places of events."""
        places = self._events
        for event in events:
            if id(event) not in places:
                self._kept.append(event)  # as long as it lives nothing else has its id
                place = places[id(event)] = self._encoder.event(event)
                self.made_of[place] = event
        return [*map(places.__getitem__, map(id, events))]

    def key(self, key: str) -> int:
        """The place of a key."""
        return self._encoder.key(key)

    def listed(self, keys: Sequence[str] | None) -> int:
        """The place of a list of keys; -1 for none."""
        return -1 if keys is None else self._encoder.listed(keys)

    def made(self) -> Tables:
        """The tables."""
        gathered = Gathered()
        gathered.take(self._encoder.tables())
        return self._old.with_events(gathered)


def sightings_of(old: Sightings, tables: Tables, event: NDArray[Any]) -> Sightings:
    """The same sightings, of other events."""
    new = copy(old)
    new.tables, new.event = tables, event
    return new


def facts_of(old: Facts, tables: Tables, key: NDArray[Any], rows: NDArray[Any], state: NDArray[Any]) -> Facts:
    """The same facts under other keys; `rows` and `state` are the lists that views show."""
    new = copy(old)
    new.tables, new.key = tables, key
    new.show(rows, state)
    return new
