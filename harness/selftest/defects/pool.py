"""Many trials side by side: each worker is a process with a browser and warm stacks of its own."""

from __future__ import annotations

import queue
import sys
from collections import deque
from collections.abc import Generator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from harness.launch.processes import Child, NotStarted
from harness.selftest.defects.catalogue import Seeded
from harness.selftest.defects.score import Trial

WORKERS = 2
"""A third one on two cores made all of them slower than two."""

LOOK_S = 1.0
"""How often to look whether the workers still live while no result comes."""

LEAVE_S = 30.0
"""How long a worker may take to stop its stacks and its browser."""


@dataclass(frozen=True, slots=True)
class Job:
    """One trial to be made."""

    seeded: Seeded
    repetition: int


def play_all(defects: Sequence[Seeded], repeat: int, workers: int = WORKERS) -> Generator[Trial]:
    """Every trial as it ends. Raises NotStarted when a worker died. Closing the iterator stops the workers."""
    jobs = deque(Job(seeded, number) for seeded in _by_stack(defects) for number in range(1, repeat + 1))
    told: queue.Queue[tuple[int, str]] = queue.Queue()
    with TemporaryDirectory(prefix="harness-workers-") as folder, ExitStack() as closing:
        crew = [_worker(number, Path(folder), told, closing) for number in range(min(workers, len(jobs)))]
        at_work = dict(enumerate(jobs.popleft() for _ in crew))
        for number, job in at_work.items():
            _hand(crew[number], job)
        while at_work:
            number, line = _next(told, crew)
            done = at_work.pop(number)
            if jobs:
                at_work[number] = jobs.popleft()
                _hand(crew[number], at_work[number])
            else:
                crew[number].close_input()
            yield Trial.from_line(done.seeded, done.repetition, line)
        for child in crew:
            child.wait(LEAVE_S)


def _by_stack(defects: Sequence[Seeded]) -> list[Seeded]:
    """Those that share a warm stack one after the other; those that need a server of their own at the end."""
    return sorted(defects, key=lambda each: (each.in_server, each.routing))


def _worker(number: int, folder: Path, told: queue.Queue[tuple[int, str]], closing: ExitStack) -> Child:
    child = Child(
        f"worker-{number}",
        [sys.executable, "-m", "harness.selftest.defects.worker"],
        log=folder / f"worker-{number}.out",
        errors=folder / f"worker-{number}.err",
        stdin=True,
        on_line=lambda line, _: told.put((number, line)),
    )
    closing.callback(child.stop)
    return child


def _hand(worker: Child, job: Job) -> None:
    worker.write(f"{job.repetition} {job.seeded.id}\n")


def _next(told: queue.Queue[tuple[int, str]], crew: Sequence[Child]) -> tuple[int, str]:
    while True:
        try:
            return told.get(timeout=LOOK_S)
        except queue.Empty:
            for child in crew:
                if child.status not in (None, 0):
                    raise NotStarted(f"a worker ended with status {child.status}.\n{child.tail()}") from None
