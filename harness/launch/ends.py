"""The end of processes: waiting for it by pidfd where there is one, and ending what a killed harness left running."""

from __future__ import annotations

import contextlib
import os
import select
import subprocess
import time
from pathlib import Path

from harness.lib import lifeline, watchdog


def wait_for_end(popen: subprocess.Popen[bytes], timeout_s: float) -> bool:
    """Wait for the process itself; by pidfd where there is one, for Popen.wait polls in steps of up to 50 ms."""
    if popen.poll() is not None:
        return True
    if hasattr(os, "pidfd_open"):
        return wait_for_pid(popen.pid, timeout_s)
    try:
        popen.wait(timeout_s)
    except subprocess.TimeoutExpired:
        return False
    return True


def wait_for_pid(pid: int, timeout_s: float) -> bool:
    """Whether a process ends in that time. Linux only."""
    try:
        handle = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    try:
        readable, _, _ = select.select([handle], [], [], max(0.0, timeout_s))
    finally:
        os.close(handle)
    return bool(readable)


def running_in_group(group: int) -> list[int]:
    """The processes of a group that have not ended. Linux only; elsewhere nothing is found."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            state, _, its_group = stat.read_text().rpartition(")")[2].split()[:3]
            if int(its_group) == group and state not in "ZX":
                found.append(int(stat.parent.name))
    return found


def wait_for_group(group: int, timeout_s: float) -> bool:
    """Whether all processes of a group end in that time. Linux only; elsewhere nothing is waited for."""
    deadline = time.monotonic() + timeout_s
    return all(wait_for_pid(pid, deadline - time.monotonic()) for pid in running_in_group(group))


def stop_orphans() -> set[int]:
    """Stop what ended harness processes left running. Linux only; elsewhere nothing is found.

    As their watchdogs do, which may be at it: a process that is stopped alone takes with it the knowledge whose child
    its children are. Only those of this PID namespace: of another one it is not known whether it runs.
    """
    owners = set[bytes]()
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError, ValueError):
            for each in (folder / "environ").read_bytes().split(b"\0"):
                owner = each.removeprefix(watchdog.NAME)
                if owner != each and _has_ended(owner.decode()):
                    owners.add(owner)
    return {pid for owner in owners for pid in watchdog.end(owner, set())}


def _has_ended(owner: str) -> bool:
    """Whether the harness process of that token no longer runs, as far as that can be known here."""
    pid, start, namespace, _ = owner.split(":")
    return namespace == lifeline.namespace() and start != lifeline.start_of(int(pid))
