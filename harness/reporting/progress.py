"""How far a long command is: a bar on a terminal, else a line for each step, and nothing when quiet."""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import IO, TYPE_CHECKING, Self

from harness.reporting.escape import visible
from harness.reporting.terminal import is_rich, say

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID


class Bar:
    """Counts steps up to a total."""

    def __init__(self, title: str, total: int, quiet: bool = False, stream: IO[str] | None = None) -> None:
        self._title, self._total, self._quiet = title, total, quiet
        self._out = sys.stderr if stream is None else stream
        self._started, self._done = time.monotonic(), 0
        self._progress: Progress | None = None
        self._task: TaskID | None = None

    def advance(self, text: str) -> None:
        """One step is done; `text` says which."""
        self._done += 1
        if self._quiet:
            return
        if self._progress is not None and self._task is not None:
            self._progress.update(self._task, advance=1, text=visible(text))
        else:
            took_s = time.monotonic() - self._started
            left_s = took_s / self._done * (self._total - self._done)
            left = f", {_duration(left_s)} left" if self._done < self._total else ""
            say(f"[{took_s:6.1f} s] {self._done}/{self._total} {visible(text)}{left}", self._out)

    def __enter__(self) -> Self:
        self._started = time.monotonic()
        if not self._quiet and is_rich(self._out):
            from rich.console import Console
            from rich.progress import (
                BarColumn,
                MofNCompleteColumn,
                Progress,
                TextColumn,
                TimeElapsedColumn,
                TimeRemainingColumn,
            )

            text = TextColumn("{task.fields[text]}", markup=False)
            times = (TimeElapsedColumn(), TextColumn("left"), TimeRemainingColumn(compact=True))
            columns = (TextColumn(self._title), BarColumn(), MofNCompleteColumn(), *times, text)
            self._progress = Progress(*columns, console=Console(file=self._out), transient=True)
            self._task = self._progress.add_task(self._title, total=self._total, text="starting")
            self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._progress is not None:
            self._progress.stop()
            self._progress = None


def _duration(seconds: float) -> str:
    """About how long, as a person says it."""
    return f"about {seconds:.0f} s" if seconds < 90 else f"about {seconds / 60:.0f} min"
