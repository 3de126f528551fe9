"""What a test session leaves running or on disk: processes, listening ports, threads, temporary folders.

Processes are found by a mark in their environment, which every descendant inherits, also one whose parent is gone; and
ports of this process by its open files. Both need /proc: elsewhere threads and folders alone are watched.
"""

from __future__ import annotations

import contextlib
import os
import select
import shutil
import tempfile
import threading
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

MARK = "HARNESS_TEST_SESSION"
PROC = Path("/proc")
ENDS_S = 3.0
"""How long what is ending may take at the end of a session."""
LISTENING = "0A"
"""The state of a listening socket in /proc/net/tcp (Linux, include/net/tcp_states.h)."""


@pytest.fixture(scope="session", autouse=True)
def nothing_is_left(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Fail this worker's session when something that its tests started is still there at its end.

    It is the first fixture to be set up, so that it is the last to be torn down.
    """
    tmp_path_factory.getbasetemp()  # pytest's own folder is kept by its own rules
    with watch() as watched:
        yield
        left = watched.left(time.monotonic() + ENDS_S)
    if left:
        pytest.fail("the tests left behind:\n  " + "\n  ".join(left), pytrace=False)


class Watch:
    """What there was before, and where to look for more."""

    def __init__(self, mark: str, folder: Path) -> None:
        self.mark, self.folder = mark, folder
        self.made: list[Path] = []
        self._ports, self._threads = listening_ports(), set(threading.enumerate())

    def left(self, deadline: float) -> list[str]:
        """One line for each thing that is still there; what is ending may do so until the monotonic `deadline`."""
        processes = [f"process {pid}: {command}" for pid, command in survivors(self.mark, deadline)]
        ports = [f"port {port}" for port in sorted(listening_ports() - self._ports)]
        threads = []
        for thread in set(threading.enumerate()) - self._threads:
            thread.join(max(0.0, deadline - time.monotonic()))
            if thread.is_alive():
                threads.append(f"thread {thread.name}")
        folders = [f"folder {path}" for path in sorted({*self.folder.iterdir(), *(p for p in self.made if p.exists())})]
        return [*processes, *ports, *sorted(threads), *folders]


@contextlib.contextmanager
def watch() -> Iterator[Watch]:
    """Watch all that is started and made until the end, by this process and its descendants.

    Temporary files go to a folder of their own meanwhile; those that are made elsewhere on purpose (a socket needs a
    short path) are known by their making.
    """
    real_mkdtemp, before = tempfile.mkdtemp, (os.environ.get("TMPDIR"), tempfile.tempdir, os.environ.get(MARK))
    folder = Path(real_mkdtemp(prefix="harness-t-"))
    watched = Watch(uuid.uuid4().hex, folder)

    def mkdtemp(suffix: str | None = None, prefix: str | None = None, dir: str | None = None) -> str:  # noqa: A002
        made = real_mkdtemp(suffix, prefix, dir)
        watched.made.append(Path(made))
        return made

    tempfile.mkdtemp = mkdtemp  # type: ignore[assignment]  # the standard one also takes bytes
    tempfile.tempdir = os.environ["TMPDIR"] = str(folder)
    os.environ[MARK] = watched.mark
    try:
        yield watched
    finally:
        tempfile.mkdtemp, tempfile.tempdir = real_mkdtemp, before[1]
        for name, value in (("TMPDIR", before[0]), (MARK, before[2])):
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
        shutil.rmtree(folder, ignore_errors=True)


def survivors(mark: str, deadline: float, name: str = MARK) -> list[tuple[int, str]]:
    """Processes with that mark, and what they run; each is given until the deadline to end."""
    for pid in marked(mark, name):
        with contextlib.suppress(OSError), contextlib.ExitStack() as opened:
            handle = os.pidfd_open(pid)
            opened.callback(os.close, handle)
            select.select([handle], [], [], max(0.0, deadline - time.monotonic()))
    return [(pid, command_of(pid)) for pid in marked(mark, name)]


def marked(mark: str, name: str = MARK) -> list[int]:
    """The processes other than this one that carry the mark, or are unreaped children of this one."""
    found = []
    for folder in PROC.glob("[0-9]*"):
        with contextlib.suppress(OSError):
            pid = int(folder.name)
            state, parent = (folder / "stat").read_text().rpartition(")")[2].split()[:2]
            is_unreaped = state == "Z" and int(parent) == os.getpid()
            if pid != os.getpid() and (is_unreaped or f"{name}={mark}".encode() in (folder / "environ").read_bytes()):
                found.append(pid)
    return sorted(found)


def command_of(pid: int) -> str:
    """The start of a process's command line."""
    try:
        return (PROC / str(pid) / "cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")[:200]
    except OSError:
        return "it has just ended"


def listening_ports() -> set[int]:
    """The TCP ports that this very process listens on."""
    inodes = set()
    with contextlib.suppress(OSError):
        for handle in (PROC / "self" / "fd").iterdir():
            with contextlib.suppress(OSError):
                inodes.add(str(handle.readlink()).removeprefix("socket:[").removesuffix("]"))
    ports = set()
    for table in ("tcp", "tcp6"):
        with contextlib.suppress(OSError):
            for line in (PROC / "self" / "net" / table).read_text().splitlines()[1:]:
                fields = line.split()
                if fields[3] == LISTENING and fields[9] in inodes:
                    ports.add(int(fields[1].rpartition(":")[2], 16))
    return ports
