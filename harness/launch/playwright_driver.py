"""Playwright's driver, once in a thread: its synchronous API can't be started a second time where it runs already.

While it is started, its event loop counts as the running one of the thread, also between its calls (Playwright 1.65,
`_impl/_greenlets.py`), so that nothing else can run a loop there: `asyncio.run` raises. `park` takes that back until
`resume`.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import os
import re
import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harness.launch.ends import wait_for_group
from harness.lib import lifeline
from harness.lib.closing import Closing
from harness.lib.numbers import whole_number

if TYPE_CHECKING:
    from playwright.sync_api import Playwright
    from playwright.sync_api._context_manager import PlaywrightContextManager

LOG = "driver.log"
LAUNCHED = re.compile(r"<launched> pid=(\d+)")
ENDED = r"\[pid={pid}\] <process did exit: exitCode=(\w+), signal=(\w+)>"
"""Of browsers, in the driver's log (Playwright 1.65, `server/utils/processLauncher.ts`)."""

LOOK_S, HELD_S, STEP_S, LEAVE_S = 0.5, 1.5, 0.02, 3.0


class _Drivers(threading.local):
    """The driver of each thread, and how many use it."""

    def __init__(self) -> None:
        self.driver: Playwright | None = None
        self.manager: PlaywrightContextManager | None = None
        self.folder: Path | None = None
        """Where it and its browsers keep their temporary files."""
        self.users = 0
        self.is_borrowed = False
        """Others stop it."""
        self.is_found = False
        """Others use it at any time."""
        self.parked: asyncio.AbstractEventLoop | None = None
        """Its loop, while it is parked."""
        self.outside: asyncio.AbstractEventLoop | None = None
        """The loop that counted as running when it was resumed: that of another Playwright."""


_DRIVERS = _Drivers()


def take(running: Playwright | None = None) -> Playwright:
    """The driver of this thread, started when it is not there yet. Each caller that takes it gives it back.

    `running` is one that runs already and is stopped by others; one that is not named is found.
    """
    resume()
    if _DRIVERS.driver is not None and not _DRIVERS.is_borrowed and has_ended():
        _bury(_DRIVERS.driver)  # its other users find that out when they next ask for a browser
        _forget()
    if _DRIVERS.driver is None:
        from playwright.sync_api import sync_playwright

        found = None if running else _find()
        _DRIVERS.is_found, _DRIVERS.is_borrowed = found is not None, (found or running) is not None
        _DRIVERS.driver = found or running
        if _DRIVERS.driver is None:
            _DRIVERS.folder = lifeline.folder("harness-browser-")
            _DRIVERS.driver = _start(sync_playwright, _DRIVERS.folder)
    _DRIVERS.users += 1
    return _DRIVERS.driver


def current() -> Playwright | None:
    """The driver of this thread, None where none is taken."""
    return _DRIVERS.driver


def _start(begin: Callable[[], PlaywrightContextManager], folder: Path) -> Playwright:
    """Start the driver, which tells its log how each browser ended: of a browser's status it alone hears."""
    if "DEBUG" in os.environ:  # its log is wanted
        with lifeline.environment({"TMPDIR": str(folder)}):
            return _started(begin())
    told = {"TMPDIR": str(folder), "DEBUG": "pw:browser", "DEBUG_COLORS": "0"}
    with (folder / LOG).open("w") as log, contextlib.redirect_stderr(log), lifeline.environment(told):
        return _started(begin())


def _started(manager: PlaywrightContextManager) -> Playwright:
    _DRIVERS.manager = manager
    return manager.start()


def has_ended() -> bool:
    """Whether this thread's driver has ended though this harness has not stopped it."""
    process = _process()
    if process is None or process.returncode is not None:
        return process is not None
    try:
        return os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None
    except ChildProcessError:  # it was waited for already
        return True


def how_it_ended() -> int | None:
    """The exit status of this thread's driver, negative for a signal; None while it runs, or where it is unknown."""
    process = _process()
    if process is None or process.returncode is not None:
        return None if process is None else int(process.returncode)
    with contextlib.suppress(ChildProcessError):
        found = os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)
        if found is not None:
            return found.si_status if found.si_code == os.CLD_EXITED else -found.si_status
    return None


def _process() -> Any:
    """The driver's process, an asyncio one; None where this version of Playwright keeps it elsewhere."""
    client = getattr(_DRIVERS.manager, "_client", None)
    return getattr(getattr(client, "_transport", None), "_proc", None)


class BrowserWatch(Closing):
    """Knows how the browser ended that was launched last, and frees calls that wait for one that has.

    Some of Playwright's never return then (1.65: `new_page`). A thread looks into the driver's log; what still waits
    after `HELD_S` is let go by ending the driver, too.
    """

    def __init__(self) -> None:
        self._log = None if _DRIVERS.folder is None else _DRIVERS.folder / LOG
        self._process = _process()
        launched = LAUNCHED.findall(self._said())
        self._ended = re.compile(ENDED.format(pid=launched[-1])) if launched else None
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look, name="browser watch", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Before the browser is closed."""
        self._over.set()
        self._thread.join()

    def how_it_ended(self, timeout_s: float = 0.0) -> int | None:
        """The browser's exit status, negative for a signal; None where the driver's log tells none in that time."""
        found, deadline = None, time.monotonic() + timeout_s
        while self._ended is not None:
            found = self._ended.search(self._said())
            if found is not None or time.monotonic() >= deadline:
                break
            self._over.wait(STEP_S)
        if found is None:
            return None
        return -signal.Signals[found[2]] if found[2] in signal.Signals.__members__ else whole_number(found[1])

    def _said(self) -> str:
        try:
            return "" if self._log is None else self._log.read_text("utf-8", "replace")
        except OSError:
            return ""

    def _look(self) -> None:
        while self._process is not None and self._ended is not None and not self._over.wait(LOOK_S):
            if self._ended.search(self._said()):
                if not self._over.wait(HELD_S) and self._process.returncode is None:
                    with contextlib.suppress(OSError):
                        os.kill(self._process.pid, signal.SIGKILL)
                return


def give_back() -> None:
    """The last one to do so stops it, unless it was there before."""
    resume()
    _DRIVERS.users -= 1
    if _DRIVERS.users == 0 and _DRIVERS.driver is not None:
        if not _DRIVERS.is_borrowed:
            if has_ended():
                _bury(_DRIVERS.driver)
            else:
                _DRIVERS.driver.stop()
        _forget()


def _forget() -> None:
    if _DRIVERS.folder is not None:
        _end_browsers(_DRIVERS.folder)
        lifeline.remove(_DRIVERS.folder)
    _DRIVERS.driver = _DRIVERS.folder = _DRIVERS.manager = None


def _end_browsers(folder: Path) -> None:
    """Those whose end the driver did not tell: one that outlives it by a moment makes its folder anew."""
    log = folder / LOG
    said = log.read_text("utf-8", "replace") if log.exists() else ""
    for pid in map(int, LAUNCHED.findall(said)):
        if not re.search(ENDED.format(pid=pid), said) and _is_ours(pid):
            with contextlib.suppress(OSError):
                os.killpg(pid, signal.SIGKILL)  # Playwright gives each browser a group of its own
            wait_for_group(pid, LEAVE_S)


def _is_ours(pid: int) -> bool:
    """Whether that process was started from here: numbers are used again."""
    try:
        return lifeline.token().encode() in Path(f"/proc/{pid}/environ").read_bytes()
    except OSError:
        return False


def _bury(driver: Playwright) -> None:
    """Of a driver that has ended nothing is left that would be taken for one that runs: its loop counts as running."""
    transport = getattr(getattr(_DRIVERS.manager, "_client", None), "_transport", None)
    failure = getattr(transport, "on_error_future", None)
    if failure is not None and failure.done() and not failure.cancelled():
        failure.exception()  # it is known: asyncio would tell of it when this process ends
    with contextlib.suppress(Exception):
        driver.stop()
    if asyncio._get_running_loop() is getattr(driver, "_loop", None):
        asyncio._set_running_loop(None)


def park() -> None:
    """Until `resume`, others may run event loops in this thread. Does nothing for a driver that has a second user."""
    if _DRIVERS.users == 1 and not _DRIVERS.is_found and _DRIVERS.parked is None:
        _DRIVERS.parked = asyncio._get_running_loop()
        outside, _DRIVERS.outside = _DRIVERS.outside, None
        asyncio._set_running_loop(outside if outside is not None and outside.is_running() else None)


def resume() -> None:
    """Before the driver of this thread is used again."""
    if _DRIVERS.parked is not None:
        _DRIVERS.outside = asyncio._get_running_loop()
        asyncio._set_running_loop(_DRIVERS.parked)
        _DRIVERS.parked = None


def _find() -> Playwright | None:
    """A Playwright whose loop runs in this thread: only the objects in memory know it."""
    loop = asyncio._get_running_loop()
    if loop is None:
        return None
    from playwright.sync_api import Playwright

    found = (each for each in gc.get_objects() if type(each) is Playwright)
    return next((each for each in found if getattr(each, "_loop", None) is loop), None)
