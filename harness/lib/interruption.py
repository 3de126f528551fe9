"""SIGTERM and Ctrl-C: the record goes to the disk as far as it is, all that was started ends, a line says where it is.

Nothing is unwound for it. What would have to be closed on the way out may wait for what will not come (a page, a
server), and a second signal would tear that apart: the watchdog of `lifeline`, which has to do the same for a harness
that is killed, does it here, too.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType

from harness.lib import lifeline

STATUS = 130
"""The exit status of a program that was interrupted."""

FLUSH_S = 0.2
"""How long handing the record to the disk may take; by itself it is there after a twentieth of a second."""


class _AtWork:
    """What is being recorded now."""

    def __init__(self) -> None:
        self.cuts: dict[Path, Callable[[], None]] = {}
        self.last: Path | None = None


_AT_WORK = _AtWork()


def begin(folder: Path, cut: Callable[[], None]) -> None:
    """A run is recorded in that folder from now on; `cut` hands what it has to the disk and takes nothing more."""
    _AT_WORK.cuts[folder] = cut
    _AT_WORK.last = folder


def done(folder: Path) -> None:
    """Its record is complete."""
    _AT_WORK.cuts.pop(folder, None)


@contextlib.contextmanager
def listening(status: int = STATUS, gently: bool = False) -> Iterator[None]:
    """Within, SIGTERM and SIGINT end this process at once, with that status.

    `gently`: the first one raises KeyboardInterrupt instead, for a command that sums up what it has so far. A signal
    that is ignored, as a shell does for what runs in its background, stays so.
    """

    def stop(number: int, _: FrameType | None) -> None:
        for each in heard:
            signal.signal(each, signal.SIG_IGN)
        _cut()
        lifeline.stop_here(status, lambda: _said(number, status))

    def first(_: int, __: FrameType | None) -> None:
        for each in heard:
            signal.signal(each, stop)
        raise KeyboardInterrupt

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {each: signal.getsignal(each) for each in (signal.SIGINT, signal.SIGTERM)}
    heard = [each for each, how in before.items() if how is not signal.SIG_IGN]
    for each in heard:
        signal.signal(each, first if gently else stop)
    try:
        yield
    finally:
        for each in heard:
            signal.signal(each, before[each])


def _cut() -> None:
    """Each in a thread: the one that was interrupted may be in the middle of writing."""

    def quietly(cut: Callable[[], None]) -> None:
        with contextlib.suppress(Exception):  # nothing is left that could report it
            cut()

    threads = [threading.Thread(target=quietly, args=(cut,), daemon=True) for cut in _AT_WORK.cuts.values()]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(FLUSH_S)


def _said(number: int, status: int) -> str:
    shown = "\x1b[?25h" if sys.stderr.isatty() else ""  # a bar of progress may have hidden the cursor
    if status == 0:
        return f"{shown}harness: stopped"
    folder = _AT_WORK.last
    where = "no run had begun" if folder is None else f"what was recorded is in {_nearer(folder)}"
    return (
        f"{shown}harness: interrupted by {signal.Signals(number).name}; {where}; everything that was started is stopped"
    )


def _nearer(folder: Path) -> str:
    with contextlib.suppress(ValueError, OSError):
        return str(folder.absolute().relative_to(os.getcwd()))
    return str(folder)
