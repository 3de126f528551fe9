"""Many trials side by side: each worker is a process with a browser and warm stacks of its own."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import closing

from harness.selftest.crew import WORKERS, work
from harness.selftest.defects.catalogue import Seeded
from harness.selftest.defects.score import Trial


def play_all(defects: Sequence[Seeded], repeat: int, workers: int = WORKERS) -> Generator[Trial]:
    """Every trial as it ends. Raises NotStarted when a worker died. Closing the iterator stops the workers."""
    jobs = [(seeded, number) for seeded in _by_stack(defects) for number in range(1, repeat + 1)]
    lines = [f"{number} {seeded.id}" for seeded, number in jobs]
    with closing(work("harness.selftest.defects.worker", lines, workers)) as answers:
        for place, line in answers:
            yield Trial.from_line(*jobs[place], line)


def _by_stack(defects: Sequence[Seeded]) -> list[Seeded]:
    """Those that share a warm stack one after the other; those that need a server of their own at the end."""
    return sorted(defects, key=lambda each: (each.in_server, each.routing))
