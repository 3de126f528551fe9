"""Series of measurements, the rows of the table that they become, and the machine that they were taken on."""

from __future__ import annotations

import os
import platform
import statistics
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Series:
    """The same thing measured several times. `unit` is ms, s, 1/s, bytes, or the sign of multiplication for a ratio."""

    values: tuple[float, ...]
    unit: str

    @property
    def median(self) -> float:
        """The middle one."""
        return statistics.median(self.values)

    def over(self, other: Series) -> Series:
        """The ratio of each pair, in the order in which they were measured."""
        return Series(tuple(mine / its for mine, its in zip(self.values, other.values, strict=True)), "×")

    def __str__(self) -> str:
        if len(self.values) == 1:
            return f"{number(self.median)} {self.unit}"
        return f"{number(self.median)} {self.unit} ({number(min(self.values))}–{number(max(self.values))})"


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table. `target` says what it has to be, `met` whether the median is.

    `reason` is why it may miss its target; `size` is what a plot over several sizes puts it at.
    """

    what: str
    found: Series
    target: str = ""
    met: bool | None = None
    beside: str = ""
    reason: str = ""
    limit: float = 0.0
    size: int = 0

    @property
    def missed_by(self) -> str:
        """How far the median is from its target."""
        return f"{abs(self.found.median / self.limit - 1):.0%}"

    def cells(self) -> tuple[str, ...]:
        """What, median with minimum and maximum, target, met, and what it was compared with."""
        met = {True: "yes", False: "**no**", None: "–"}[self.met]
        return self.what, str(self.found), self.target or "–", met, self.beside or "–"


def below(what: str, found: Series, most: float, beside: str = "", reason: str = "") -> Row:
    """A row whose median has to be at most that."""
    return Row(what, found, f"≤ {number(most)} {found.unit}", found.median <= most, beside, reason, most)


def above(what: str, found: Series, least: float, beside: str = "", reason: str = "", size: int = 0) -> Row:
    """A row whose median has to be at least that."""
    return Row(what, found, f"≥ {number(least)} {found.unit}", found.median >= least, beside, reason, least, size)


def in_turn(pairs: int, first: Callable[[], float], second: Callable[[], float], unit: str) -> tuple[Series, Series]:
    """Measure two things in turn, once each to warm up and then `pairs` times; the order changes from pair to pair."""
    first(), second()
    one: list[float] = []
    two: list[float] = []
    for pair in range(pairs):
        for measure, into in ((first, one), (second, two))[:: 1 if pair % 2 else -1]:
            into.append(measure())
    return Series(tuple(one), unit), Series(tuple(two), unit)


def number(value: float) -> str:
    """Three digits that count, thousands apart."""
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}"


def machine() -> str:
    """This machine in a line: cores, processor, memory, system, Python."""
    memory_gb = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    python = platform.python_version()
    return f"{cores} cores ({_processor()}), {memory_gb:.0f} GB, {platform.system()}, Python {python}"


def yardstick() -> str:
    """How fast this machine is today: what a loop of ten million additions in Python takes, the best of five."""
    return f"{min(_additions() for _ in range(5)):.2f} s"


def _additions() -> float:
    began, total = time.perf_counter(), 0
    for each in range(10_000_000):
        total += each
    return time.perf_counter() - began


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    named = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(named, platform.machine())


def table(rows: Iterable[Row]) -> Iterator[str]:
    """The lines of a Markdown table."""
    yield "| what | median (min–max) | target | met | beside |"
    yield "| --- | ---: | ---: | --- | --- |"
    for row in rows:
        yield f"| {' | '.join(row.cells())} |"


def misses(rows: Iterable[Row]) -> Iterator[str]:
    """The lines that say by how much each missed target is missed, and why; rows of one reason share it."""
    missed = [row for row in rows if row.met is False]
    for reason in dict.fromkeys(row.reason for row in missed):
        told = "; ".join(f"{row.what}: {row.missed_by} from its target" for row in missed if row.reason == reason)
        yield f"- {told}. {reason}".rstrip()


def load() -> float:
    """How busy the machine was in the last minute; a figure from a busy machine says so."""
    return os.getloadavg()[0]
