"""Makes runs: `harness verify` as a process of its own, at a click or when files change. One at a time."""

from __future__ import annotations

import os
import re
import threading
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from harness.launch.processes import Child, NotStarted
from harness.lib import lifeline
from harness.lib.ansi import uncoloured
from harness.locations import LIVE_SETTING
from harness.reporting.escape import clip, visible

_STEP = re.compile(r"\[ *[\d.]+ s\] (.*)")
"""A line of progress of `harness verify`."""

_LIVE = {**os.environ, LIVE_SETTING: "1", "NO_COLOR": "1"}
"""The environment of a run that is watched."""

ITS_OWN = 3
"""A file that changes in so many runs on end is written by the system itself, and does not start another run."""


class Runner:
    """Runs a command again and again. What changes meanwhile is run once more, unless the system itself writes it."""

    def __init__(self, command: Sequence[str], strategies: Sequence[str], news: Callable[[], None]) -> None:
        """`command` verifies; strategies are added. `news` is called, from any thread, when `told` has changed."""
        self._command, self.strategies, self._news = tuple(command), tuple(strategies), news
        self._folder = lifeline.folder("harness-watch-")
        self._lock = threading.RLock()
        self._child: Child | None = None
        self._waiting: tuple[str, ...] | None = None
        self._chosen: tuple[str, ...] = self.strategies
        self._step, self._said, self._why = "", "", ""
        self._status: int | None = None
        self._changed: set[str] = set()
        self._often: dict[str, int] = {}
        """A file that changed in each of the last runs, and in how many."""
        self._is_closed = False
        self.follows_changes = True
        self.written: set[str] = set()
        """Files that change whenever the system runs: it writes them itself."""

    def run(self, strategies: Iterable[str] = (), why: str = "") -> None:
        """Run these strategies, or those of the last time; after the run that is on, where one is. Never waits."""
        with self._lock:
            wanted = tuple(strategies) or self._chosen
            if self._is_closed:
                return
            if self._child is not None:
                self._waiting = wanted
            else:
                self._begin(wanted, why)
        self._news()

    def changed(self, paths: Iterable[str]) -> None:
        """Files have changed: run again, unless that is switched off or the system changed them itself."""
        with self._lock:
            fresh = {path for path in paths if path not in self.written}
            if self._child is not None:
                self._changed |= fresh
                self.written |= {path for path in fresh if self._often.get(path, 0) + 1 >= ITS_OWN}
                fresh -= self.written
            if not fresh or not self.follows_changes:
                return
            self.run(why=f"{Path(min(fresh)).name} changed")

    def follow_changes(self, is_wanted: bool) -> None:
        """Whether files that change are a reason to run again."""
        with self._lock:
            self.follows_changes = is_wanted
        self._news()

    @property
    def told(self) -> dict[str, Any]:
        """What the page is told of the runs that are made here."""
        with self._lock:
            return {
                "running": self._child is not None, "next": self._waiting is not None, "step": self._step,
                "why": self._why, "said": self._said, "status": self._status, "strategies": list(self.strategies),
                "chosen": list(self._chosen), "follows": self.follows_changes,
            }  # fmt: skip

    def close(self) -> None:
        """End the run that is on."""
        with self._lock:
            self._is_closed, self._waiting = True, None
            child = self._child
        if child is not None:
            child.stop()
        lifeline.remove(self._folder)

    def _begin(self, strategies: tuple[str, ...], why: str) -> None:
        self._chosen, self._step, self._said, self._status, self._why = strategies, "starting", "", None, visible(why)
        self._often = {path: self._often.get(path, 0) + 1 for path in self._changed}
        self._changed = set()
        argv = [*self._command, "--strategy", *strategies]
        try:
            self._child = Child("harness verify", argv, log=self._folder / "verify.log", env=_LIVE, on_line=self._heard)
        except NotStarted as error:
            self._said, self._status, self._step = visible(str(error)), 4, ""
            return
        threading.Thread(target=self._attend, args=(self._child,), name="runner", daemon=True).start()

    def _heard(self, line: str, _: int) -> None:
        found = _STEP.match(uncoloured(line))
        with self._lock:
            if found is not None:
                self._step = visible(clip(found[1], 200))
            elif line.startswith("harness: "):
                self._said = visible(clip(uncoloured(line), 600))
        self._news()

    def _attend(self, child: Child) -> None:
        while not child.ends_within(3600):
            pass
        child.stop()
        with self._lock:
            self._child, self._status, self._step = None, child.status, ""
            waiting, self._waiting = self._waiting, None
        if waiting is not None:
            self.run(waiting)
        self._news()
