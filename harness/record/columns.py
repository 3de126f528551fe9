"""A stored ledger as columns: sightings and facts as sequences whose members are made when they are asked for."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar, overload

from harness.model import AnyFact, Body, Fact, Hop, Sighting
from harness.model.facts import KINDS, View
from harness.record.errors import LedgerError
from harness.record.sections import Section
from harness.record.tables import Gathered, Tables, check_places
from harness.record.typed import Misfit, reader

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from harness.record.tables import Ints, Places
else:
    from harness.record import arrays as np

T = TypeVar("T")

AT_ONCE = 4096
"""So many sightings are made of their columns together."""

_HOPS = {int(hop): hop for hop in Hop}
_BODIES = {kind: reader(body) for kind, body in KINDS.items()}


class Made(Sequence[T]):
    """A sequence whose members are made of columns when they are asked for: by `at`, which each kind has."""

    @abstractmethod
    def at(self, places: Iterable[int]) -> Iterable[T]:
        """The members at some places."""

    @overload
    def __getitem__(self, index: int) -> T: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[T]: ...
    def __getitem__(self, index: int | slice) -> T | Sequence[T]:
        if isinstance(index, slice):
            return [*self.at(range(len(self))[index])]
        return next(iter(self.at([range(len(self))[index]])))

    def __iter__(self) -> Iterator[T]:
        return iter(self.at(range(len(self))))


class Sightings(Made[Sighting]):
    """The sightings of a ledger in the order in which they were written; each column is a field of all of them."""

    def __init__(self, tables: Tables, gathered: Gathered) -> None:
        column = gathered.column
        self.tables = tables
        self.hop: NDArray[np.uint8] = column(Section.SIGHTING_HOP)
        self.event: Places = column(Section.SIGHTING_EVENT)
        self.observer: Places = column(Section.SIGHTING_OBSERVER)
        self.n: Ints = column(Section.SIGHTING_N)
        self.at_ns: Ints = column(Section.SIGHTING_AT)
        self.recipients: Places = column(Section.SIGHTING_RECIPIENTS)
        self.detail: Places = column(Section.SIGHTING_DETAIL)
        self._check()

    def _check(self) -> None:
        columns = (self.hop, self.event, self.observer, self.n, self.at_ns, self.recipients, self.detail)
        if len({len(column) for column in columns}) > 1:
            raise ValueError("the columns of sightings are not equally long")
        if len(self.hop) and (self.hop.max() > max(Hop) or self.event.min() < 0 or self.observer.min() < 0):
            raise ValueError("a sighting has no hop, event or observer")
        events, recipients, details, _ = self.tables.counts
        check_places("event", self.event, events)
        check_places("text", self.observer, len(self.tables.texts))
        check_places("list of recipients", self.recipients, recipients)
        check_places("detail", self.detail, details)

    def __len__(self) -> int:
        return len(self.hop)

    def at(self, places: Iterable[int] | NDArray[Any]) -> Iterator[Sighting]:
        """The sightings at some places."""
        rows = places if isinstance(places, np.ndarray) else np.fromiter(places, dtype=np.intp)
        for first in range(0, len(rows), AT_ONCE):
            yield from self._made(rows[first : first + AT_ONCE])

    def _made(self, rows: NDArray[Any]) -> Iterator[Sighting]:
        tables = self.tables
        return map(
            Sighting,
            map(_HOPS.__getitem__, self.hop[rows].tolist()),
            map(tables.event, self.event[rows].tolist()),
            map(tables.texts.__getitem__, self.observer[rows].tolist()),
            self.n[rows].tolist(),
            self.at_ns[rows].tolist(),
            map(tables.recipients, self.recipients[rows].tolist()),
            map(tables.detail, self.detail[rows].tolist()),
        )

    def one(self, row: int) -> Sighting:
        """The sighting at one place."""
        tables = self.tables
        return Sighting(
            _HOPS[int(self.hop[row])],
            tables.event(int(self.event[row])),
            tables.texts[self.observer[row]],
            int(self.n[row]),
            int(self.at_ns[row]),
            tables.recipients(int(self.recipients[row])),
            tables.detail(int(self.detail[row])),
        )


class Facts(Made[AnyFact]):
    """The facts of a ledger in the order in which they were written."""

    def __init__(self, tables: Tables, gathered: Gathered) -> None:
        column = gathered.column
        self.tables = tables
        self.kind: Places = column(Section.FACT_KIND)
        self.observer: Places = column(Section.FACT_OBSERVER)
        self.n: Ints = column(Section.FACT_N)
        self.at_ns: Ints = column(Section.FACT_AT)
        self.data: Places = column(Section.FACT_DATA)
        self.key: Places = column(Section.FACT_KEY)
        self._rows: Places = column(Section.FACT_ROWS)
        self._state: Places = column(Section.FACT_STATE)
        self.place: Ints = column(Section.FACT_PLACE)
        """How many sightings were written before each."""
        self._made: dict[int, AnyFact] = {}
        self._check()

    def _check(self) -> None:
        columns = (
            self.kind, self.observer, self.n, self.at_ns, self.data, self.key, self._rows, self._state, self.place
        )  # fmt: skip
        if len({len(column) for column in columns}) > 1:
            raise ValueError("the columns of facts are not equally long")
        texts, lists = len(self.tables.texts), self.tables.count_of_lists
        if len(self.kind) and min(self.kind.min(), self.observer.min(), self.data.min()) < 0:
            raise ValueError("a fact has no kind, observer or data")
        check_places("text", self.kind, texts)
        check_places("text", self.observer, texts)
        check_places("data", self.data, self.tables.counts[3])
        check_places("key", self.key, len(self.tables.key_seq))
        check_places("list of keys", self._rows, lists)
        check_places("list of keys", self._state, lists)
        for kind in set(self.kind.tolist()):
            if self.tables.texts[kind] not in KINDS:
                raise ValueError(f"{self.tables.texts[kind]!r} is not a kind of facts")

    def show(self, rows: NDArray[Any], state: NDArray[Any]) -> None:
        """Let views show other lists: `rows` and `state` have the place of each fact's."""
        self._rows, self._state, self._made = rows, state, {}
        self._check()

    def __len__(self) -> int:
        return len(self.kind)

    def at(self, places: Iterable[int]) -> list[AnyFact]:
        """The facts at some places."""
        return [*map(self._fact, places)]

    def _fact(self, row: int) -> AnyFact:
        made = self._made.get(row)
        if made is None:
            tables, column = self.tables, self.data
            said = tables.data(int(column[row]))
            kind, observer = tables.texts[self.kind[row]], tables.texts[self.observer[row]]
            if self.key[row] >= 0:
                said["key"] = tables.keys[self.key[row]]
            try:
                body: Body = _BODIES[kind](said)
            except Misfit as misfit:
                raise LedgerError(f"the ledger has a fact {kind!r} in which {misfit}. Was the file edited?") from None
            if isinstance(body, View) and self._rows[row] >= 0:
                body = replace(body, rows=tables.listed(int(self._rows[row])))
            if isinstance(body, View) and self._state[row] >= 0:
                body = replace(body, state_events=tables.listed(int(self._state[row])))
            made = self._made[row] = Fact(observer, int(self.n[row]), int(self.at_ns[row]), body)
        return made
