"""The page's clock against the harness's: Cristian's algorithm. https://en.wikipedia.org/wiki/Cristian%27s_algorithm"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

RESOLUTION_NS = 100_000
"""Chromium rounds `performance.now()` to 100 µs where a page is not isolated from other origins."""

MILLISECOND_NS = 1_000_000


@dataclass(frozen=True, slots=True)
class Clock:
    """`harness_ns` maps the time of one page load to the harness's monotonic clock, at most `error_ns` wrong."""

    offset_ns: int
    error_ns: int

    def harness_ns(self, page_ms: float) -> int:
        """Monotonic nanoseconds of the harness for a page time in milliseconds."""
        return round(page_ms * MILLISECOND_NS) + self.offset_ns

    def moved(self, later_ms: float, error_ns: int) -> Clock:
        """The clock of another load of the page, whose time origin is `later_ms` after this one's."""
        return Clock(self.offset_ns + round(later_ms * MILLISECOND_NS), self.error_ns + error_ns)


def compare(read_page_ms: Callable[[], float], now_ns: Callable[[], int], rounds: int = 5) -> Clock:
    """Ask the page for its time; the shortest of `rounds` round trips bounds the error best."""

    def ask() -> Clock:
        asked = now_ns()
        page_ms = read_page_ms()
        answered = now_ns()
        half = (answered - asked) // 2
        return Clock(asked + half - round(page_ms * MILLISECOND_NS), half + RESOLUTION_NS)

    return min((ask() for _ in range(rounds)), key=lambda clock: clock.error_ns)
