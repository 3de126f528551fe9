"""The process that ends what a harness leaves when it is killed: `python watchdog.py TOKEN`, with orders on its input.

It lives as long as its input is open, which is as long as the harness lives, however that ends; then it stops every
process that carries the token in its environment, the descendants of those, and the groups that it was told of, and
removes the folders that it was told of. An order is a line: `g 12` for a process group, `d PATH` for a folder, and the
same in upper case where it need not be seen to any more.

A program of its own, which imports nothing of the harness: it must start in a few milliseconds and can't break with it.
"""

from __future__ import annotations

import os
import select
import shutil
import signal
import sys
import time
from collections.abc import Iterator

NAME = b"HARNESS_OWNER="
GRACE_S = 0.3
"""How long a process may take to end on SIGTERM."""

CLEAN_LOOKS = 2
"""So many looks in a row must find nothing: one that is just being started shows its environment a moment later."""

LOOK_S = 0.03
GIVE_UP_S = 10.0


def main(token: str) -> None:
    """Wait for the end of the input, then clean up."""
    os.setsid() if os.getpid() != os.getsid(0) else None
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT):
        signal.signal(number, signal.SIG_IGN)
    groups, folders = set[int](), set[str]()
    for line in sys.stdin.buffer:
        kind, _, rest = line.decode("utf-8", "surrogateescape").rstrip("\n").partition(" ")
        if kind in "gG":
            (groups.add if kind == "g" else groups.discard)(int(rest))
        else:
            (folders.add if kind == "d" else folders.discard)(rest)
    end(token.encode(), groups)
    for folder in folders:
        shutil.rmtree(folder, ignore_errors=True)


def end(token: bytes, groups: set[int]) -> set[int]:
    """Ask every process to end, then make it end; until none is found. Gives those that were asked."""
    began, asked, clean, known = time.monotonic(), set[int](), 0, dict[int, bytes]()
    while clean < CLEAN_LOOKS and time.monotonic() - began < GIVE_UP_S:
        known = {pid: start for pid, start in known.items() if start and _start(pid) == start}
        known.update((pid, _start(pid)) for pid in ours(token, groups))  # later its parent may not be known
        is_patient = time.monotonic() - began < GRACE_S
        for pid in [each for each in known if each not in asked] if is_patient else known:
            _signal(pid, signal.SIGTERM if is_patient else signal.SIGKILL)
        asked.update(known)
        clean = 0 if known else clean + 1
        if clean < CLEAN_LOOKS:
            select.select([], [], [], LOOK_S)
    return asked


def ours(token: bytes, groups: set[int]) -> Iterator[int]:
    """The processes that carry the token or are in one of the groups, and their descendants, without those that ended.

    Where there is no /proc: the groups, as numbers that `kill` takes for them, until they are empty.
    """
    if not os.path.isdir("/proc/self"):
        yield from (-group for group in groups if _signal(-group, 0))
        return
    parents, marked = dict[int, int](), set[int]()
    for entry in os.listdir("/proc"):
        if entry.isdecimal():
            try:
                parent, is_marked = _look(entry, token, groups)
            except (OSError, ValueError):  # it has ended, or is another user's
                continue
            parents[int(entry)] = parent
            if is_marked:
                marked.add(int(entry))
    for pid in parents:
        at, seen = pid, set[int]()
        while at in parents and at not in marked and at not in seen:
            seen.add(at)
            at = parents[at]
        if at in marked and pid != os.getpid():
            yield pid


def _look(entry: str, token: bytes, groups: set[int]) -> tuple[int, bool]:
    """The parent of a process, and whether it is to end. Raises ValueError for one that has."""
    with open(f"/proc/{entry}/stat", "rb") as file:
        state, parent, group = file.read().rpartition(b")")[2].split()[:3]
    if state in b"ZX":
        raise ValueError(entry)
    if int(group) in groups:
        return int(parent), True
    with open(f"/proc/{entry}/environ", "rb") as file:
        return int(parent), any(each == NAME + token for each in file.read().split(b"\0"))


def _start(pid: int) -> bytes:
    """When a process began, empty for one that has ended: numbers are used again."""
    if pid < 0:
        return b"group" if _signal(pid, 0) else b""
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            fields = file.read().rpartition(b")")[2].split()
    except OSError:
        return b""
    return b"" if fields[0] in b"ZX" else fields[19]


def _signal(pid: int, number: int) -> bool:
    try:
        os.kill(pid, number)
    except OSError:
        return False
    return True


if __name__ == "__main__":
    main(sys.argv[1])
