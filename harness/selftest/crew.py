"""Work side by side: each worker is a process that reads a job a line and answers each with a line."""

from __future__ import annotations

import queue
import sys
from collections import deque
from collections.abc import Generator, Sequence
from contextlib import ExitStack
from pathlib import Path

from harness.launch.processes import Child, NotStarted
from harness.lib import lifeline

WORKERS = 2
"""A third one on two cores made all of them slower than two."""

LOOK_S = 1.0
"""How often to look whether the workers still live while no result comes."""

LEAVE_S = 30.0
"""How long a worker may take to stop its stacks and its browser."""


def work(module: str, jobs: Sequence[str], workers: int = WORKERS) -> Generator[tuple[int, str]]:
    """The place of each job and the line that answers it, as they come. `module` is run as `python -m`.

    Raises NotStarted when a worker died. Closing the iterator stops the workers.
    """
    waiting = deque(range(len(jobs)))
    told: queue.Queue[tuple[int, str]] = queue.Queue()
    with lifeline.temporary("harness-workers-") as folder, ExitStack() as closing:
        crew = [_worker(module, n, folder, told, closing) for n in range(min(workers, len(jobs)))]
        at_work = {number: waiting.popleft() for number in range(len(crew))}
        for number, job in at_work.items():
            crew[number].write(f"{jobs[job]}\n", LEAVE_S)
        while at_work:
            number, line = _next(told, crew)
            done = at_work.pop(number)
            if waiting:
                at_work[number] = waiting.popleft()
                crew[number].write(f"{jobs[at_work[number]]}\n", LEAVE_S)
            else:
                crew[number].close_input()
            yield done, line
        for child in crew:
            child.wait(LEAVE_S)


def _worker(module: str, number: int, folder: Path, told: queue.Queue[tuple[int, str]], closing: ExitStack) -> Child:
    child = Child(
        f"worker-{number}",
        [sys.executable, "-m", module],
        log=folder / f"worker-{number}.out",
        errors=folder / f"worker-{number}.err",
        stdin=True,
        on_line=lambda line, _: told.put((number, line)),
    )
    closing.callback(child.stop)
    return child


def _next(told: queue.Queue[tuple[int, str]], crew: Sequence[Child]) -> tuple[int, str]:
    while True:
        try:
            return told.get(timeout=LOOK_S)
        except queue.Empty:
            for child in crew:
                if child.status not in (None, 0):
                    raise NotStarted(f"a worker ended with status {child.status}.\n{child.tail()}") from None
