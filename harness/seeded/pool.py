"""Many trials side by side: each worker is a process with a browser and warm stacks of its own."""

from __future__ import annotations

import multiprocessing
import queue
import signal
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from multiprocessing.process import BaseProcess
from typing import TYPE_CHECKING

from harness.processes import ProcessError
from harness.seeded.catalogue import Seeded
from harness.seeded.playing import Player, impatient
from harness.seeded.score import Trial
from harness.target import reference

if TYPE_CHECKING:
    from multiprocessing.queues import Queue

WORKERS = 2
"""A third one on two cores made all of them slower than two."""

LOOK_S = 1.0
"""How often to look whether the workers still live while no result comes."""


@dataclass(frozen=True, slots=True)
class Job:
    """One trial to be made."""

    seeded: Seeded
    repetition: int


def play_all(defects: Sequence[Seeded], repeat: int, workers: int = WORKERS) -> Generator[Trial]:
    """Every trial as it ends. Raises ProcessError when a worker died. Closing the iterator stops the workers."""
    jobs = [Job(seeded, number) for seeded in _by_stack(defects) for number in range(1, repeat + 1)]
    context = multiprocessing.get_context("spawn")  # a fork would share the browser driver's pipes
    todo: Queue[Job | None] = context.Queue()
    done: Queue[Trial] = context.Queue()
    for job in [*jobs, *[None] * workers]:
        todo.put(job)
    crew = [context.Process(target=_work, args=(todo, done)) for _ in range(min(workers, len(jobs)))]
    try:
        for worker in crew:
            worker.start()
        for _ in jobs:
            yield _next(done, crew)
    finally:
        _dismiss(crew, todo)


def _by_stack(defects: Sequence[Seeded]) -> list[Seeded]:
    """Those that share a warm stack one after the other; those that need a server of their own in between."""
    return sorted(defects, key=lambda each: (each.in_server, each.routing))


def _next(done: Queue[Trial], crew: Sequence[BaseProcess]) -> Trial:
    while True:
        try:
            return done.get(timeout=LOOK_S)
        except queue.Empty:
            if dead := [worker for worker in crew if worker.exitcode not in (None, 0)]:
                raise ProcessError(f"a worker ended with status {dead[0].exitcode}; its error is above.") from None


def _dismiss(crew: Sequence[BaseProcess], todo: Queue[Job | None]) -> None:
    """Let the workers end after what they are at, and wait for them."""
    try:
        while True:
            todo.get_nowait()
    except queue.Empty:
        pass
    for _ in crew:
        todo.put(None)
    for worker in crew:
        if worker.pid is not None:
            worker.join()


def _work(todo: Queue[Job | None], done: Queue[Trial]) -> None:
    """A worker's life. It finishes what it is at when the terminal's Ctrl-C comes: the parent then ends it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with Player(impatient(reference())) as player:
        while (job := todo.get()) is not None:
            done.put(player.play(job.seeded, job.repetition))
