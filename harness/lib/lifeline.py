"""What must not outlive this process: its children and their descendants, and its temporary folders.

A watchdog (see `watchdog`) is started with the first of them. It ends all of them when this process has ended, however
that came about: by SIGKILL, too. Children are known by a token in their environment, which is made anew in each process
and no other process's is, in whichever PID namespace.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import secrets
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from harness.lib import watchdog

OWNER = watchdog.NAME.rstrip(b"=").decode()

LEAVE_S = 2.0
"""How long the watchdog may take to end what is left, before it is left alone with it."""


class _Line:
    """The watchdog of this process, once there is something to watch."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.pid = 0
        self.token = ""
        self.dog: subprocess.Popen[bytes] | None = None
        self.root: Path | None = None

    def hold(self) -> None:
        """Start the watchdog, unless it runs; a process that was forked off has one of its own."""
        if self.pid == os.getpid():
            return
        self.pid, self.root = os.getpid(), None
        self.token = f"{self.pid}:{start_of(self.pid)}:{namespace()}:{secrets.token_hex(8)}"
        argv = [sys.executable, "-I", "-S", watchdog.__file__, self.token]
        try:
            self.dog = subprocess.Popen(
                argv, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                env={}, cwd="/", start_new_session=True, bufsize=0,
            )  # fmt: skip
        except OSError:
            self.dog = None  # what is left is found at the next start
        atexit.register(let_go)

    def order(self, what: str) -> None:
        with self.lock:
            self.hold()
            if self.dog is not None and self.dog.stdin is not None:
                with contextlib.suppress(OSError, ValueError):  # it was killed
                    self.dog.stdin.write(os.fsencode(f"{what}\n"))


_LINE = _Line()


def token() -> str:
    """What a child's environment must have as OWNER."""
    with _LINE.lock:
        _LINE.hold()
        return _LINE.token


def watch_group(group: int) -> None:
    """A process group that is to end with this process."""
    _LINE.order(f"g {group}")


def forget_group(group: int) -> None:
    """It has ended."""
    _LINE.order(f"G {group}")


def folder(prefix: str, within: str | None = None) -> Path:
    """A new temporary folder, which is gone when this process is. `remove` takes it away before."""
    made = Path(within or tempfile.gettempdir(), f"{prefix}{secrets.token_hex(6)}")
    _LINE.order(f"d {made}")  # before it is there: this process may end in between
    made.mkdir(mode=0o700)
    return made


def remove(made: Path) -> None:
    """Remove a folder that `folder` made."""
    shutil.rmtree(made, ignore_errors=True)
    if not made.exists():
        _LINE.order(f"D {made}")


@contextlib.contextmanager
def temporary(prefix: str, within: str | None = None) -> Iterator[Path]:
    """A temporary folder for as long as this lasts."""
    made = folder(prefix, within)
    try:
        yield made
    finally:
        remove(made)


@contextlib.contextmanager
def environment(more: Mapping[str, str]) -> Iterator[None]:
    """What is started within, by whatever library, ends with this process, and has `more` in its environment."""
    wanted = {OWNER: token(), **more}
    before = {name: os.environ.get(name) for name in wanted}
    os.environ.update(wanted)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def let_go(timeout_s: float = LEAVE_S) -> None:
    """End everything that is still watched, and the watchdog. Done at exit, too."""
    with _LINE.lock:
        dog, _LINE.dog = _LINE.dog, None
        if dog is None or dog.stdin is None or _LINE.pid != os.getpid():
            return
        _LINE.pid = 0
        with contextlib.suppress(OSError):
            dog.stdin.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            dog.wait(timeout_s)


def stop_here(status: int, say: Callable[[], str] = lambda: "") -> None:
    """End this process at once, and all that it started. `say` gives what is to be said at last, a line."""
    text = say()
    let_go()
    with contextlib.suppress(OSError, ValueError):
        sys.stdout.flush()
    if text:
        with contextlib.suppress(OSError):
            os.write(2, f"{text}\n".encode("utf-8", "backslashreplace"))
    os._exit(status)


def start_of(pid: int) -> str:
    """When a process began, in clock ticks since the machine's start: numbers are used again."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19]
    except (OSError, IndexError):
        return "gone"


def namespace() -> str:
    """The PID namespace of this process: elsewhere the same number is another process."""
    try:
        return os.readlink("/proc/self/ns/pid").strip("pid:[]")
    except OSError:
        return "none"
