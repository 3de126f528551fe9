"""Records of a run on paper: written one by one, then taken away, doubled, changed or swapped by a test."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any, Self, TypeAlias

from harness.model import Body, Event, Fact, Hop, Record, Sighting
from harness.record.plain import plain
from tests.support.facts import body_of

Where: TypeAlias = Callable[[Record], bool]
"""Picks records."""


def at(hop: Hop, key: str | None = None, party: str | None = None) -> Where:
    """Sightings at a hop, of one event or by one party (`A`, `main`, `server`) where given."""
    return lambda r: isinstance(r, Sighting) and r.hop is hop and key in (None, r.event.key) and _by(r, party)


def said(kind: type[Body], party: str | None = None, **data: Any) -> Where:
    """Facts of a kind with these data."""
    return lambda r: (
        isinstance(r, Fact)
        and isinstance(r.body, kind)
        and _by(r, party)
        and all(plain(getattr(r.body, k)) == v for k, v in data.items())
    )


def _by(record: Record, party: str | None) -> bool:
    head = record.observer.partition(".")[0]
    return party is None or head in {party, f"dashboard:{party}", f"cli:{party}"}


class Records:
    """The records of several observers, each numbered for itself, on one clock. Every step returns the object."""

    def __init__(self) -> None:
        self.records: list[Record] = []
        self.now_ns = 1_000_000_000
        self._last_numbers: dict[str, int] = {}

    # Writing

    def fact(self, kind: type[Body], observer: str, **data: Any) -> Self:
        """Write any fact."""
        self.records.append(Fact(observer, self._number(observer), self.tick(), body_of(kind, **data)))
        return self

    def see(
        self, hop: Hop, event: Event, observer: str, recipients: tuple[str, ...] | None = None, **more: Any
    ) -> Self:
        """Write any sighting."""
        number, at_ns = self._number(observer), self.tick()
        self.records.append(Sighting(hop, event, observer, number, at_ns, recipients, more))
        return self

    def wait(self, milliseconds: float) -> Self:
        """Let time pass."""
        self.now_ns += int(milliseconds * 1e6)
        return self

    def _number(self, observer: str) -> int:
        self._last_numbers[observer] = self._last_numbers.get(observer, 0) + 1
        return self._last_numbers[observer]

    def tick(self) -> int:
        self.now_ns += 10_000
        return self.now_ns

    # Taking away, doubling, swapping

    def drop(self, *where: Where) -> Self:
        """Take records away. At least one must be there, so that a test can't miss what it is about."""
        kept = [record for record in self.records if not any(each(record) for each in where)]
        assert len(kept) < len(self.records), "there is nothing to take away"
        self.records = kept
        return self

    def double(self, where: Where) -> Self:
        """See once more what was seen, right after it in its observer's record."""
        return self._insert(where, lambda record: [record, record])

    def change(self, where: Where, how: Callable[[Any], Record]) -> Self:
        """Change records."""
        assert any(where(record) for record in self.records), "there is nothing to change"
        self.records = [how(record) if where(record) else record for record in self.records]
        return self

    def swap(self, one: Where, other: Where) -> Self:
        """Two records change places in their observer's record."""
        [first], [second] = ([r for r in self.records if where(r)] for where in (one, other))
        places = {id(first): second, id(second): first}
        self.records = [
            replace(r, n=places[id(r)].n, at_ns=places[id(r)].at_ns) if id(r) in places else r for r in self.records
        ]
        return self

    def _insert(self, where: Where, how: Callable[[Record], Iterable[Record]]) -> Self:
        """Replace records by several, and number their observer's record anew."""
        [chosen] = [record for record in self.records if where(record)]
        count = 0
        found: list[Record] = []
        for record in self.records:
            if record is chosen:
                more = list(how(record))
                found += [replace(each, n=each.n + index) for index, each in enumerate(more)]
                count = len(more) - 1
            elif count and record.observer == chosen.observer and record.n > chosen.n:
                found.append(replace(record, n=record.n + count))
            else:
                found.append(record)
        self.records = found
        self._last_numbers[chosen.observer] += count
        return self
