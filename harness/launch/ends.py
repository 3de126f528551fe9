"""The end of processes: waiting for it by pidfd where there is one, and ending what a killed harness left behind."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import subprocess
import time
from pathlib import Path

from harness.lib import lifeline


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


def stop_orphans() -> list[int]:
    """Stop what harness processes that no longer run left behind. Linux only; elsewhere nothing is found.

    Only those of this PID namespace: of another one nobody here knows whether it runs.
    """
    stopped = []
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError, ValueError):
            environment = (folder / "environ").read_bytes().split(b"\0")
            mark = f"{lifeline.OWNER}=".encode()
            owner = next((e.partition(b"=")[2].decode() for e in environment if e.startswith(mark)), None)
            if owner is not None and _has_ended(owner):
                os.kill(int(folder.name), signal.SIGKILL)
                stopped.append(int(folder.name))
    return stopped


def _has_ended(owner: str) -> bool:
    """Whether the harness process of that token no longer runs, as far as that can be known here."""
    pid, start, namespace, _ = owner.split(":")
    return namespace == lifeline.namespace() and start != lifeline.start_of(int(pid))
