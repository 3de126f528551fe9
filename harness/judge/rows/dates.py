"""Whether rows show the dates of their events' data: day and month not in each other's place, nor another date. Pure.

In which order a page writes day and month the rows themselves say: by days after the twelfth, or else by most rows.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum

from harness.judge.rows.row import Looked, Row
from harness.judge.values.quantities import moment
from harness.judge.values.texts import data_of, leaves
from harness.model import Aspect, Event, Finding, Kind
from harness.record.evidence import Evidence

NUMBERS = re.compile(r"(?<![\w./-])(\d{1,4})([./-])(\d{1,2})\2(\d{4}|\d{1,2})(?![\w/-]|\.\d)")
"""A date in numbers, as `04/03/2026`, `4.3.26` and `2026-03-04`."""

ISO = re.compile(r"\d{4}-\d{2}-\d{2}")

CENTURY = 100
MONTHS = 12
ENOUGH = 3
"""Rows that show a date of their own, from which on the others of their field are expected to, too."""

NEARLY_ALL = 0.6


class Order(Enum):
    """In which order a date has its parts: where the year, the month and the day stand."""

    DAY_FIRST = (2, 1, 0)
    MONTH_FIRST = (2, 0, 1)
    YEAR_FIRST = (0, 1, 2)
    YEAR_DAY_MONTH = (0, 2, 1)


NEVER = {".": Order.MONTH_FIRST}
"""What stands between parts to the order that no country writes with it; year, day, month none does at all."""


SWAPPED: Mapping[Order | None, Order] = {
    Order.DAY_FIRST: Order.MONTH_FIRST,
    Order.MONTH_FIRST: Order.DAY_FIRST,
}


@dataclass(frozen=True, slots=True)
class Told:
    """A row with a date of its event: all days that it may be called in some zone; and the dates that the row shows."""

    event: Event
    said: str
    days: tuple[date, ...]
    shown: tuple[tuple[str, tuple[int, int, int]], ...]

    def orders(self) -> set[Order]:
        """The orders in which some date of the row is the event's."""
        return {each for each in Order for _, parts in self.shown if _is_one(self.days, parts, each)}

    def proves(self) -> Order | None:
        """The order of day and month that a day after the twelfth proves; None where nothing does."""
        found = self.orders() & {Order.DAY_FIRST, Order.MONTH_FIRST}
        return found.pop() if len(found) == 1 and all(day.day > MONTHS for day in self.days) else None


def compare(looked: Looked, evidence: Evidence, pairs: Sequence[tuple[Event, Row]]) -> None:
    """The rows that show another date than their event has."""
    by_field: dict[tuple[str, str], list[Told]] = defaultdict(list)
    for event, row in pairs:
        shown = tuple(_shown(row.text or ""))
        for path, text in leaves(data_of(evidence, event)).items() if shown else ():
            if days := _days(text):
                by_field[event.name, path].append(Told(event, text, days, shown))
    wrong = list[tuple[str, Told]]()
    read = list[tuple[str, Told]]()
    for (_, path), rows in by_field.items():
        known = [(path, each) for each in rows if each.orders()]
        if len(known) >= NEARLY_ALL * len(rows):
            looked.checks += len(rows)
            read += known
            wrong += [(path, each) for each in rows if not each.orders() and len(known) >= ENOUGH]
    for path, each in (*wrong, *_in_wrong_order(read)):
        found = " ".join(mark.join(map(str, parts)) for mark, parts in each.shown)
        why = Finding(Aspect.ROW_TEXT, field=path, expected=each.said[:80], found=found[:80])
        looked.wrong.append((Kind.MISRENDERED, each.event.key, why))


def _in_wrong_order(rows: Sequence[tuple[str, Told]]) -> Iterator[tuple[str, Told]]:
    """Those with day and month in another order than the list has, or in one that no country has."""
    proven = Counter(order for _, each in rows if (order := each.proves()) is not None)
    single = Counter(order for _, each in rows for order in each.orders() if len(each.orders()) == 1)
    usual = next((order for order, _ in (proven or single).most_common(1)), None)
    for path, each in rows:
        found = each.orders()
        never = {NEVER.get(mark) for mark, _ in each.shown} | {Order.YEAR_DAY_MONTH}
        if found <= never or found == {SWAPPED.get(usual)}:
            yield path, each


def _shown(text: str) -> Iterator[tuple[str, tuple[int, int, int]]]:
    for first, mark, second, third in NUMBERS.findall(text):
        yield mark, (int(first), int(second), int(third))


def _days(text: str) -> tuple[date, ...]:
    """The days that a text in ISO 8601 names: one of a date; of a time those on either side, in other zones."""
    if ISO.fullmatch(text):
        try:
            return (date.fromisoformat(text),)
        except ValueError:
            return ()
    time = moment(text)
    return () if time is None else tuple(time.date() + timedelta(days=days) for days in (-1, 0, 1))


def _is_one(days: Sequence[date], parts: tuple[int, int, int], order: Order) -> bool:
    year, month, day = (parts[place] for place in order.value)
    return any((each.month, each.day) == (month, day) and year in (each.year, each.year % CENTURY) for each in days)
