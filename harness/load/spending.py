"""What a run takes of the machine, by party: seconds of processor and memory. Linux only; elsewhere nothing is told."""

from __future__ import annotations

import contextlib
import os
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from harness.model.facts import Spent

PROC = Path("/proc")

_MEMORY = re.compile(r"^Pss:\s+(\d+) kB", re.MULTILINE)
"""Memory of a process's own, and of what it shares its share (proc(5), smaps_rollup)."""


def spent(parties: Mapping[str, Iterable[int]], rest: str) -> list[Spent]:
    """What some processes and their descendants have taken so far; what else this process has is `rest`'s."""
    below = _below()
    named = {party: {pid for first in pids for pid in _tree(first, below)} for party, pids in parties.items()}
    others = {*_tree(os.getpid(), below)}.difference(*named.values())
    told = {**named, rest: others} if below else {}
    return [Spent(party, round(sum(map(_cpu_s, pids)), 2), sum(map(_memory, pids))) for party, pids in told.items()]


def _below() -> dict[int, list[int]]:
    found: dict[int, list[int]] = defaultdict(list)
    for entry in os.listdir(PROC) if PROC.is_dir() else ():
        if entry.isdigit() and (fields := _stat(int(entry))):
            found[int(fields[1])].append(int(entry))
    return found


def _tree(pid: int, below: Mapping[int, list[int]]) -> Iterator[int]:
    yield pid
    for child in below.get(pid, ()):
        yield from _tree(child, below)


def _stat(pid: int) -> list[str]:
    """The fields after a process's name: state, parent, …; none for one that is gone."""
    with contextlib.suppress(OSError):
        return (PROC / str(pid) / "stat").read_text("utf-8", "replace").rpartition(")")[2].split()
    return []


def _cpu_s(pid: int) -> float:
    fields = _stat(pid)  # utime, stime, and those of children that have ended
    return sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK") if fields else 0.0


def _memory(pid: int) -> int:
    with contextlib.suppress(OSError):
        found = _MEMORY.search((PROC / str(pid) / "smaps_rollup").read_text())
        return int(found[1]) * 1024 if found else 0
    return 0
