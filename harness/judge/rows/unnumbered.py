"""Whether rows that don't say which event they show stand in the order in which the page took the events in. Pure.

A row is known by its event's name and by what it shows of its data. Where that leaves several events, it may be any.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from harness.judge.rows.order import out_of_order, ways_of
from harness.judge.values.texts import BEGINNING, is_in, leaves, numbers, plain
from harness.model import NEWEST_FIRST, OWN_ORDER, Event

NEARLY_ALL = 0.6
"""The share of a name's rows that show a field from which on rows are told apart by it."""

LOOKED_AT = 200
"""Rows at either end of a list that are told apart by what they say; those between are by their names."""

Name: TypeAlias = tuple[str | None, str]
"""Session and name of events."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A row: session and name of its event, its text if that is known, and the number of the list that it is in."""

    name: Name
    text: str | None
    listed: int = 0


@dataclass(frozen=True, slots=True)
class Order:
    """How many places were compared, the events that stand elsewhere, and whether rows do of which none can be told.

    `events`: of each row the event that it shows, None where it may be several.
    """

    events: tuple[Event | None, ...]
    checks: int = 0
    moved: tuple[str, ...] = ()
    is_other: bool = False


def in_order(rows: Sequence[Shown], held: Sequence[Event], data: Callable[[Event], Any], order: str | None) -> Order:
    """The order of rows against that of the events that the page took in, `held`, as often as it did."""
    places: dict[Name, list[int]] = defaultdict(list)
    for at, event in enumerate(held):
        places[event.session, event.name].append(at)
    can_be = _can_be(rows, places, held, data)
    only = Counter(each[0] for each in can_be if len(each) == 1)
    events = tuple(held[each[0]] if len(each) == 1 and only[each[0]] == 1 else None for each in can_be)
    if order == OWN_ORDER:
        return Order(events)
    groups: dict[tuple[int, str | None], list[int]] = defaultdict(list)
    for at, row in enumerate(rows):
        if can_be[at]:
            groups[row.listed, row.name[0]].append(at)
    checks = sum(len(group) - 1 for group in groups.values())
    if any(all(_fits([can_be[at] for at in group], way) for group in groups.values()) for way in ways_of(order)):
        return Order(events, checks)
    often = Counter(event.key for event in held)
    shown = [None if each is None or often[each.key] > 1 else each.key for each in events]
    told = [[(key, can_be[at][0]) for at in group if (key := shown[at]) is not None] for group in groups.values()]
    moved = out_of_order(told, order)
    counts = Counter(row.name for row in rows)
    has_more = any(count > len(places[name]) for name, count in counts.items())
    return Order(events, checks, tuple(moved), is_other=not moved and not has_more)


def _fits(group: Sequence[Sequence[int]], way: str) -> bool:
    """Whether each row can be an event after that of the row before; what stands twice may be drawn twice."""
    at, before = -1, None
    for places in reversed(group) if way == NEWEST_FIRST else group:
        is_again = places is before or (len(places) == 1 and places == before)
        later = bisect_right(places, at)
        if later == len(places) and not is_again:
            return False
        at, before = places[min(later, len(places) - 1)], places
    return True


def _can_be(
    rows: Sequence[Shown], places: Mapping[Name, list[int]], held: Sequence[Event], data: Callable[[Event], Any]
) -> list[list[int]]:
    """For each row the places of the events that it can show, rising."""
    found = [places.get(row.name, []) for row in rows]
    by_name: dict[Name, list[int]] = defaultdict(list)
    for at, row in enumerate(rows):
        if row.text is not None and (at < LOOKED_AT or at >= len(rows) - LOOKED_AT):
            by_name[row.name].append(at)
    for name, mine in by_name.items():
        said = [data(held[at]) for at in places.get(name, ())]
        texts = [rows[at].text or "" for at in mine]
        for read in (leaves, numbers):
            fields = [*_telling([read(each) for each in said], texts)]
            for place, at in enumerate(mine) if fields else ():
                alike = [{*by_it} for each in fields if (by_it := each[place]) is not None]
                both = [places[name][each] for each in sorted(set[int].intersection(*alike))] if alike else []
                found[at] = both or (found[at] if alike else [])  # one that shows none of them has no place
            if fields:
                break
    return found


def _telling(said: Sequence[Mapping[str, str]], texts: Sequence[str]) -> Iterator[list[list[int] | None]]:
    """For each field that rows show: the events that each row can be by it; None where it shows none of them."""
    for path in dict.fromkeys(path for each in said for path in each):
        alike: dict[str, list[int]] = defaultdict(list)
        for at, each in enumerate(said):
            if path in each:
                alike[each[path]].append(at)
        if len(alike) < 2:
            continue
        values = [*alike]
        shown = [_shown(values, text) for text in texts]
        only = Counter(each[0] for each in shown if len(each) == 1)
        is_shown = sum(map(bool, shown)) >= NEARLY_ALL * len(texts)
        if is_shown and all(count <= len(alike[value]) for value, count in only.items()):
            yield [[at for value in each for at in alike[value]] if each else None for each in shown]


def _shown(values: Iterable[str], text: str) -> list[str]:
    """Those of some texts that a row shows: as words of their own, or else within others, or else shortened."""
    row, spaced = plain(text), " ".join(text.split()).casefold()
    begun = [value for value in values if is_in(value, row) and (not value.isdecimal() or _is_number(value, spaced))]
    whole = [value for value in begun if plain(value) in row]
    own = [value for value in whole if _as_words(value).search(spaced)]
    return own or whole or [value for value in begun if _as_words(value, BEGINNING).search(spaced)] or begun


def _is_number(value: str, text: str) -> bool:
    """Whether a whole number stands in a text by itself, and not in a longer one, a fraction or a time of day."""
    grouped = re.sub(r"(?<=\d)(?=(?:\d{3})+$)", r"[,.'’\\s]?", value)  # 1000 may be shown as 1,000
    return re.search(rf"(?<!\d)(?<!\d[.:,]){grouped}(?!\d)(?![.:,]\d)", text) is not None


def _as_words(text: str, most: int | None = None) -> re.Pattern[str]:
    """A text where no letter stands before it, and none after it unless it is cut off there."""
    words = " ".join(text.split()).casefold()
    return re.compile(rf"(?<!\w){re.escape(words[:most])}" + ("(?!\\w)" if most is None else ""))
