"""Where a run's time goes: named spans on the harness's own clock, nested and side by side."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Span:
    """Something that took a while. Times are monotonic seconds."""

    name: str
    start_s: float
    end_s: float

    @property
    def seconds(self) -> float:
        """How long it took."""
        return self.end_s - self.start_s


class Spans:
    """Collects spans as they end."""

    def __init__(self) -> None:
        self._ended: list[Span] = []

    @contextmanager
    def __call__(self, name: str) -> Iterator[None]:
        """What happens within is a span of that name, whether it succeeds or not."""
        start_s = time.monotonic()
        try:
            yield
        finally:
            self.add(name, start_s)

    def add(self, name: str, start_s: float) -> None:
        """A span that began then and ends now."""
        self._ended.append(Span(name, start_s, time.monotonic()))

    def clear(self) -> None:
        """Forget all: another run begins."""
        self._ended.clear()

    def __iter__(self) -> Iterator[Span]:
        """In the order of their beginnings; one that holds another comes before it."""
        return iter(sorted(self._ended, key=lambda span: (span.start_s, -span.end_s)))


def process_start_s() -> float | None:
    """When this process began, in monotonic seconds; None where the system doesn't tell (proc(5), field 22)."""
    try:
        ticks = int(Path("/proc/self/stat").read_text().rpartition(")")[2].split()[19])
        since_boot_s = time.clock_gettime(time.CLOCK_BOOTTIME) - ticks / os.sysconf("SC_CLK_TCK")
    except (OSError, ValueError, AttributeError):
        return None
    return time.monotonic() - since_boot_s
