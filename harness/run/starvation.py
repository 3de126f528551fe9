"""Measures whether the machine keeps a run waiting: how long its processes could run, and had no processor. Linux only.

The kernel counts that for each thread (`/proc/PID/task/TID/schedstat`, "run delay"; Documentation/scheduler/
sched-stats.rst). What is late on a starved machine says nothing of the system under test.
"""

from __future__ import annotations

import contextlib
import os
import threading
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from harness.model.facts import Starved

PROC = Path("/proc")
EVERY_S = 0.5
"""Between two looks. What is late is late by a second or more."""

LEAST_MS = 50.0
"""What is waited for between two looks that is not worth a record: on an idle machine it is a hundredth of that."""


class Starvation:
    """Looks at this process and at all that descend from it, from now until it is closed."""

    def __init__(self) -> None:
        self._found: list[tuple[Starved, int]] = []
        self._every: list[tuple[int, float]] = []
        """When each look that found something ended, in nanoseconds, and the seconds that were waited before it."""
        self._looking = threading.Lock()
        self._is_told = (PROC / "self" / "schedstat").exists()
        self._before, self._since_ns = delays() if self._is_told else {}, time.monotonic_ns()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="starvation", daemon=True)
        if self._is_told:
            self._thread.start()

    def take(self) -> list[tuple[Starved, int]]:
        """What was found since the last call, each with the monotonic time of its end in nanoseconds."""
        found, self._found = self._found, []
        return found

    def since(self, start_s: float) -> float:
        """The seconds without a processor from a monotonic time until now; at most as many as there were."""
        if self._is_told:
            self._look()
        return sum(waited_s for at_ns, waited_s in self._every if at_ns > start_s * 1e9)

    def close(self) -> None:
        """End the looking. Closing again does nothing."""
        self._ended.set()
        if self._thread.is_alive():
            self._thread.join()

    def _watch(self) -> None:
        while not self._ended.wait(EVERY_S):
            self._look()

    def _look(self) -> None:
        with self._looking:
            now, at_ns = delays(), time.monotonic_ns()
            waited = waited_ms(self._before, now)
            if waited >= LEAST_MS:
                self._every.append((at_ns, min(waited / 1e3, (at_ns - self._since_ns) / 1e9)))
                told = Starved(self._since_ns, round(waited, 1), round(os.getloadavg()[0], 1))
                self._found.append((told, at_ns))
            self._before, self._since_ns = now, at_ns


def waited_ms(before: Mapping[str, Mapping[int, int]], now: Mapping[str, Mapping[int, int]]) -> float:
    """How long an event may have waited that passed one thread of each party: the sum of the longest of each."""
    longest = (
        max((delay_ns - before.get(party, {}).get(tid, delay_ns) for tid, delay_ns in threads.items()), default=0)
        for party, threads in now.items()
    )
    return sum(longest) / 1e6


def delays() -> dict[str, dict[int, int]]:
    """By party (this process, and each of its children with what descends from it) the run delay of each thread.

    No event passes the main thread of this process, as it may the wire proxy's.
    """
    mine, children = os.getpid(), defaultdict[int, list[int]](list)
    for pid, parent in _parents():
        children[parent].append(pid)
    found = {str(mine): {tid: delay_ns for tid, delay_ns in _threads(mine) if tid != mine}}
    for child in children[mine]:
        found[str(child)] = {}
        below = [child]
        while below:
            pid = below.pop()
            below += children[pid]
            found[str(child)] |= dict(_threads(pid, main_only=pid != child))
    return found


def _parents() -> Iterator[tuple[int, int]]:
    for entry in os.listdir(PROC):
        if entry.isdigit():
            with contextlib.suppress(OSError, ValueError, IndexError):
                told = (PROC / entry / "stat").read_text("utf-8", "replace")
                yield int(entry), int(told.rpartition(")")[2].split()[1])  # after the name: state, parent


def _threads(pid: int, main_only: bool = False) -> Iterator[tuple[int, int]]:
    """Thread to its run delay in nanoseconds. A browser's processes do what a page does in their main threads."""
    tids: Iterable[str] = (str(pid),)
    with contextlib.suppress(OSError):
        tids = tids if main_only else os.listdir(PROC / str(pid) / "task")
    for tid in tids:
        with contextlib.suppress(OSError, ValueError, IndexError):
            yield int(tid), int((PROC / str(pid) / "task" / tid / "schedstat").read_text().split()[1])
