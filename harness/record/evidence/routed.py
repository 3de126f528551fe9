"""The order in which the server had events: where each was first routed, or else received."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property
from operator import attrgetter
from typing import TYPE_CHECKING

from harness.model import Hop
from harness.record.evidence.keys import Keys, union
from harness.record.evidence.observers import SERVER, Position, family, incarnation, position
from harness.record.evidence.place_numbers import from_columns, to_column
from harness.record.evidence.recorded import Recorded
from harness.record.evidence.stored_events import ByKey
from harness.record.evidence.stored_streams import Grouped

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
else:
    from harness.record import arrays as np

ON_SERVER = (Hop.RECEIVED, Hop.ROUTED)

observer_of = attrgetter("observer")


class Routed(Recorded):
    """The part of the evidence that is about the server's order."""

    @cached_property
    def places(self) -> dict[str, Position]:
        """Event key to where in the server's record it was first routed, or else received."""
        if isinstance(self.events, ByKey):
            came = union(self.once[hop].keys() for hop in ON_SERVER)
            if isinstance(came, Keys):
                return dict(zip(came, from_columns(self.place_columns[came.places]), strict=True))
        return {key: position(first) for hop in ON_SERVER for key, first in self.once[hop].firsts()}

    @cached_property
    def place_columns(self) -> NDArray[np.int64]:
        """The same of each key of a stored ledger, as one number; -1 for none."""
        found = np.full(0, -1, dtype=np.int64)
        for hop in ON_SERVER:
            once = self.once[hop]
            if isinstance(once, Grouped):
                found = once.positions() if not len(found) else np.where(once.first >= 0, once.positions(), found)
        return found

    @cached_property
    def as_routed(self) -> Sequence[str]:
        """The keys of the events that came to the server, in its order."""
        if isinstance(self.events, ByKey):
            places = np.flatnonzero(self.place_columns >= 0)
            order = np.argsort(self.place_columns[places], kind="stable")
            return Keys(self.events.keys().tables, places[order])
        return sorted(self.places, key=self.places.__getitem__)

    def routed_at(self, key: str) -> Position | None:
        """Where in the server's record the event was first routed, or else received."""
        return self.places.get(key)

    def due_at(self, key: str) -> tuple[Position, Position] | None:
        """Between which places the event was routed: one and the same where a tap was there when it was.

        Who only sees the server's answer knows that it was routed between the message (`forwarded`) and that answer.
        """
        at = self.places.get(key)
        if at is None or key in self.once[Hop.ROUTED]:
            return None if at is None else (at, at)
        forwarded = self.once[Hop.RECEIVED][key][0].detail.get("forwarded")
        return (at if forwarded is None else min(at, (at[0], int(forwarded))), at)

    @cached_property
    def _due_columns(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Where each key of a stored ledger was due first and last, as one number each; -1 for nowhere."""
        low, high = self.place_columns.copy(), self.place_columns
        for key in self.once[Hop.RECEIVED].keys() - self.once[Hop.ROUTED].keys():
            if (due := self.due_at(key)) is not None and isinstance(self.events, ByKey):
                low[self.events.keys().tables.place_of_key[key]] = to_column(due[0])
        return low, high

    def due_columns(self, keys: Iterable[str]) -> tuple[NDArray[np.int64], NDArray[np.int64]] | None:
        """Where some events were due first and last, a number each, -1 for nowhere; None where columns don't tell."""
        if not isinstance(keys, Keys):
            return None
        low, high = self._due_columns
        return low[keys.places], high[keys.places]

    def are_as_routed(self, keys: Iterable[str]) -> bool:
        """Whether events stand in the order in which they were routed, as far as columns tell."""
        columns = self.due_columns(keys)
        if columns is None:
            return False
        low, high = columns
        low, high = low[low >= 0], high[low >= 0]
        return bool((high[1:] >= np.maximum.accumulate(low)[:-1]).all())

    @cached_property
    def last_server(self) -> int:
        """The incarnation of the server that ran last."""
        observers = self.told.observers()
        for hop in ON_SERVER:
            observers.update(map(observer_of, self.flow[hop].kinds()))
        return max((incarnation(each) for each in observers if family(each) == SERVER), default=1)
