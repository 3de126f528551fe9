"""The server's disk is full: whatever it writes to a file fails, and nothing else of it does."""

from __future__ import annotations

import contextlib
import os
import resource
import signal
import stat
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random

from harness.faults import Effect, Injected
from harness.faults.scene import Scene
from harness.target.process import TargetError

PROC = Path("/proc")
WRITES = os.O_WRONLY | os.O_RDWR


class Full:
    """Processes that can make no file longer. The effect is how many files they had open to write to."""

    def __init__(self, pids: list[int], lasts_s: float) -> None:
        self._before = {pid: resource.prlimit(pid, resource.RLIMIT_FSIZE) for pid in pids}
        self.lasts_s, self._began = lasts_s, time.monotonic()
        self._files = sum(1 for pid in pids for _ in _written(pid))
        for pid, (_, most) in self._before.items():
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (0, most))

    def heal(self) -> Effect:
        """There is room again."""
        for pid, limits in self._before.items():
            with contextlib.suppress(OSError):  # it has ended
                resource.prlimit(pid, resource.RLIMIT_FSIZE, limits)
        return Effect(self._files, time.monotonic() - self._began, "files that could not be written to")


@dataclass(frozen=True, slots=True)
class DiskFull:
    """See the module. `for_s` is the longest that it lasts. Linux only."""

    for_s: float = 1.0
    name: str = "disk-full"
    does: str = "its disk is full: it can write to no file"
    strikes: str = "server"
    idle: str = "it has no file open to write to"

    def inject(self, system: Scene, random: Random) -> Injected:
        """Strike; how long it lasts is up to `random`. Raises TargetError where it can't be done to this server."""
        if not sys.platform.startswith("linux"):
            raise TargetError(f"{self.name} needs Linux: only there can a running process be limited.")
        stack = system.run.stack
        pids = [pid for name in stack.children.servers for pid in _tree(stack.children.pid(name))]
        for pid in pids:
            if not _goes_on(pid):
                raise TargetError(
                    f"{self.name}: process {pid} of target {stack.target.name} would be ended by the signal that comes "
                    "with a write beyond its limit, which no full disk does: take another fault."
                )
        return Full(pids, random.uniform(self.for_s / 2, self.for_s))


def _tree(pid: int) -> Iterator[int]:
    """A process and its descendants."""
    yield pid
    for task in sorted((PROC / str(pid) / "task").glob("*/children")):
        for child in task.read_text().split():
            yield from _tree(int(child))


def _goes_on(pid: int) -> bool:
    """Whether a process ignores or catches SIGXFSZ, as Python and Node.js do."""
    bit, found = 1 << (signal.SIGXFSZ - 1), False
    for line in (PROC / str(pid) / "status").read_text().splitlines():
        name, _, value = line.partition(":")
        found |= name in ("SigIgn", "SigCgt") and bool(int(value, 16) & bit)
    return found


def _written(pid: int) -> Iterator[Path]:
    """The files that a process has open to write to."""
    for held in sorted((PROC / str(pid) / "fd").iterdir()):
        with contextlib.suppress(OSError, ValueError):
            is_file = stat.S_ISREG(held.stat().st_mode)
            flags = (PROC / str(pid) / "fdinfo" / held.name).read_text().split("flags:")[1].split()[0]
            if is_file and int(flags, 8) & WRITES:
                yield held


FAULT = DiskFull()
