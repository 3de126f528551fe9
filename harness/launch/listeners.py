"""Whose port it is: a process that could not bind ends a moment later, and meanwhile a stranger answers there.

Read from /proc (Linux); elsewhere, and of processes that may not be looked at, nothing is known.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

PROC = Path("/proc")
LISTENING = "0A"
"""The state of a listening socket in /proc/net/tcp (Linux, include/net/tcp_states.h)."""


def is_strangers(port: int, pid: int) -> bool:
    """Whether those that listen at a port are known, and `pid`, its group and its descendants are not among them."""
    inodes = _inodes(port)
    holders = [holder for holder in _pids() if inodes and _holds(holder, inodes)]
    return bool(holders) and not any(_belongs(holder, pid) for holder in holders)


def _inodes(port: int) -> set[str]:
    """The listening sockets of a port."""
    found = set()
    for table in ("tcp", "tcp6"):
        with contextlib.suppress(OSError):
            for line in (PROC / "net" / table).read_text().splitlines()[1:]:
                fields = line.split()
                if fields[3] == LISTENING and int(fields[1].rpartition(":")[2], 16) == port:
                    found.add(f"socket:[{fields[9]}]")
    return found


def _pids() -> Iterator[int]:
    yield from (int(folder.name) for folder in PROC.glob("[0-9]*"))


def _holds(pid: int, inodes: set[str]) -> bool:
    with contextlib.suppress(OSError):
        for handle in (PROC / str(pid) / "fd").iterdir():
            with contextlib.suppress(OSError):
                if str(handle.readlink()) in inodes:
                    return True
    return False


def _belongs(pid: int, to: int) -> bool:
    """Whether a process is another, in its group or session, or descends from it."""
    for _ in range(64):
        if pid == to:
            return True
        try:
            _, parent, group, session = (PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()[:4]
        except (OSError, ValueError):
            return False
        if to in (int(group), int(session)):
            return True
        pid = int(parent)
        if pid <= 1:
            return False
    return False
