"""Dashboards by events as a map of where something went wrong, for runs with more dashboards than a person reads."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from harness.model import Kind, Outcome
from harness.reporting.figures import SOUND, Figures
from harness.reporting.passages import in_order

LEAST = 12
"""From so many dashboards on there is a map."""

MOST_ROWS, MOST_COLUMNS = 40, 80
"""More dashboards or events share a row or a column."""

MOST_NAMED = 6
"""So many dashboards are named below the map, those with the most first."""

WIDTH = 1000.0
LARGEST = 24.0
"""The width of the map, and the largest side of a cell, in the picture's own units."""


@dataclass(frozen=True, slots=True)
class Cell:
    """Some dashboards and some events of which something is to be said: so many outcomes `bad`, so many `unknown`."""

    x: float
    y: float
    bad: int
    unknown: int
    is_whole: bool
    """Whether all of its events went wrong at all of its dashboards."""
    told: str


@dataclass(frozen=True, slots=True)
class Named:
    """One dashboard in words: what became of how many of its events, and which was the first."""

    label: str
    told: str
    first: str | None


@dataclass(frozen=True, slots=True)
class Heat:
    """The map. A row stands for `per_row` dashboards, a column for `per_column` events, in their order."""

    columns: int
    rows: int
    width: float
    height: float
    per_row: int
    per_column: int
    cells: tuple[Cell, ...]
    named: tuple[Named, ...]
    others: int
    dashboards: int
    events: int
    sound: int
    """Dashboards at which nothing went wrong, and nothing is unknown."""

    @property
    def size(self) -> tuple[float, float]:
        """Of the whole picture."""
        return self.columns * self.width, self.rows * self.height


def heat(figures: Figures) -> Heat | None:
    """The map of a run; None for one that has few dashboards, or no events."""
    labels, keys = figures.every_dashboard, in_order(figures.evidence)
    if len(labels) < LEAST or not keys:
        return None
    per_row, per_column = _share(len(labels), MOST_ROWS), _share(len(keys), MOST_COLUMNS)
    rows, columns = -(-len(labels) // per_row), -(-len(keys) // per_column)
    width = min(WIDTH / columns, LARGEST)
    height = min(width, LARGEST) if columns > rows else min(WIDTH / 2 / rows, LARGEST)
    wrong = _wrong(figures.verdict.outcomes, {*labels})
    counts = _counted(wrong, {label: n // per_row for n, label in enumerate(labels)}, keys, per_column)
    cells = [
        _cell(labels, keys, (per_row, per_column), place, each, (width, height))
        for place, each in sorted(counts.items())
    ]
    named, others = _named(wrong)
    sound = len(labels) - len({each.dashboard for each in wrong})
    return Heat(
        columns, rows, width, height, per_row, per_column, tuple(cells), named, others, len(labels), len(keys), sound
    )


def _share(count: int, most: int) -> int:
    return -(-count // most)


def _wrong(outcomes: Iterable[Outcome], labels: set[str]) -> list[Outcome]:
    """What is not as it should be, or not known, each event of each dashboard once."""
    found: dict[tuple[str | None, str | None, Kind], Outcome] = {}
    for each in outcomes:
        if each.kind is not Kind.DELIVERED and each.dashboard in labels:
            found.setdefault((each.dashboard, each.key, each.kind), each)
    return [*found.values()]


def _counted(
    wrong: Iterable[Outcome], row_of: Mapping[str, int], keys: Sequence[str], per_column: int
) -> dict[tuple[int, int], Counter[str]]:
    """Row and column to how many outcomes are bad there, and unknown. What is about no event is about all of them."""
    column_of = {key: n // per_column for n, key in enumerate(keys)}
    whole = range(column_of[keys[-1]] + 1)
    found: dict[tuple[int, int], Counter[str]] = {}
    for each in wrong:
        columns = whole if each.key is None else [column_of[each.key]] if each.key in column_of else []
        for column in columns:
            counter = found.setdefault((row_of[each.dashboard or ""], column), Counter())
            counter["unknown" if each.kind in SOUND else "bad"] += 1
    return found


def _cell(
    labels: Sequence[str],
    keys: Sequence[str],
    per: tuple[int, int],
    place: tuple[int, int],
    count: Counter[str],
    size: tuple[float, float],
) -> Cell:
    row, column = place
    mine = labels[row * per[0] : (row + 1) * per[0]]
    some = keys[column * per[1] : (column + 1) * per[1]]
    told = ", ".join(
        f"{count[what]} {words}" for what, words in (("bad", "wrong"), ("unknown", "unknown")) if count[what]
    )
    who, what = _ends(mine), _ends([str(column * per[1] + n + 1) for n in range(len(some))])
    return Cell(
        round(column * size[0], 2),
        round(row * size[1], 2),
        count["bad"],
        count["unknown"],
        count["bad"] >= len(mine) * len(some),
        f"dashboards {who}, events {what}: {told} of {len(mine) * len(some)}",
    )


def _ends(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{names[0]} to {names[-1]}"


def _named(wrong: Iterable[Outcome]) -> tuple[tuple[Named, ...], int]:
    """The dashboards with the most, in words, and how many more there are."""
    by_label: dict[str, list[Outcome]] = {}
    for each in wrong:
        by_label.setdefault(each.dashboard or "", []).append(each)
    most = sorted(
        by_label.items(), key=lambda item: (-sum(o.kind not in SOUND for o in item[1]), -len(item[1]), item[0])
    )
    named = []
    for label, mine in most[:MOST_NAMED]:
        kinds = Counter("unknown" if each.kind in SOUND else each.kind.value for each in mine)
        told = ", ".join(f"{count} {kind}" for kind, count in kinds.most_common())
        named.append(Named(label, told, next((each.key for each in mine if each.key), None)))
    return tuple(named), max(0, len(most) - MOST_NAMED)
