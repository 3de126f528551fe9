"""The picture of a rate over several sizes: level where the time is linear in the size."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from math import log10

from bench.figures import Row, number
from harness.reporting.svg import dot, line, picture, text

_LEFT, _RIGHT, _TOP, _BOTTOM = 120, 700, 50, 300


def rates(rows: Sequence[Row]) -> str:
    """A dot for each size at its median rate, a stroke from minimum to maximum, and the target as a broken line."""
    sizes = [log10(row.size) for row in rows]
    highest = max(*(max(row.found.values) for row in rows), rows[0].limit) * 1.1

    def x(size: float) -> float:
        return _LEFT + 60 + (_RIGHT - _LEFT - 120) * (size - min(sizes)) / (max(sizes) - min(sizes) or 1)

    def y(rate: float) -> float:
        return _BOTTOM - (_BOTTOM - _TOP) * rate / highest

    unit = rows[0].found.unit
    told = ", ".join(f"{row.size:,} events: {number(row.found.median)} {unit}" for row in rows)
    shapes = [*_axes(rows[0], highest, y)]
    for before, after in zip(rows, rows[1:], strict=False):
        ends = (x(log10(before.size)), y(before.found.median), x(log10(after.size)), y(after.found.median))
        shapes.append(line(*ends, "ok"))
    for row, size in zip(rows, sizes, strict=True):
        shapes.append(line(x(size), y(min(row.found.values)), x(size), y(max(row.found.values)), "line"))
        shapes.append(dot(x(size), y(row.found.median), 5, "node"))
        shapes.append(text(x(size), y(row.found.median) + 26, number(row.found.median), "name"))
        shapes.append(text(x(size), _BOTTOM + 22, f"{row.size:,}", "soft"))
    return picture(_RIGHT + 40, _BOTTOM + 60, "The judge over five sizes", told, shapes)


def _axes(row: Row, highest: float, y: Callable[[float], float]) -> Iterator[str]:
    step = next(step for step in (50_000, 100_000, 200_000, 500_000, 1_000_000) if highest / step <= 8)
    for number_of in range(int(highest / step) + 1):
        yield line(_LEFT, y(number_of * step), _RIGHT, y(number_of * step), "lane")
        yield text(_LEFT - 10, y(number_of * step) + 4, f"{number_of * step:,}", "soft", "end")
    yield line(_LEFT, y(row.limit), _RIGHT, y(row.limit), "gone")
    yield text(_RIGHT, y(row.limit) - 6, "target", "soft", "end")
    yield text(_LEFT, 28, f"{row.found.unit}, median of the runs", "soft", "start")
    yield text((_LEFT + _RIGHT) / 2, _BOTTOM + 44, "events (logarithmic), seven hops each", "soft")
