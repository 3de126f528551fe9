"""Playwright's driver, once in a thread: its synchronous API can't be started a second time where it runs already.

While it is started, its event loop counts as the running one of the thread, also between its calls (Playwright 1.65,
`_impl/_greenlets.py`), so that nothing else can run a loop there: `asyncio.run` raises. `park` takes that back until
`resume`.
"""

from __future__ import annotations

import asyncio
import gc
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from harness.lib import lifeline

if TYPE_CHECKING:
    from playwright.sync_api import Playwright


class _Drivers(threading.local):
    """The driver of each thread, and how many use it."""

    def __init__(self) -> None:
        self.driver: Playwright | None = None
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
    """The driver of this thread, started when it is not there yet. Everybody who takes it gives it back.

    `running` is one that runs already and is stopped by others; one that nobody names is found.
    """
    resume()
    if _DRIVERS.driver is None:
        from playwright.sync_api import sync_playwright

        found = None if running else _find()
        _DRIVERS.is_found, _DRIVERS.is_borrowed = found is not None, (found or running) is not None
        _DRIVERS.driver = found or running
        if _DRIVERS.driver is None:
            _DRIVERS.folder = lifeline.folder("harness-browser-")
            with lifeline.environment(_DRIVERS.folder):
                _DRIVERS.driver = sync_playwright().start()
    _DRIVERS.users += 1
    return _DRIVERS.driver


def give_back() -> None:
    """The last one to do so stops it, unless it was there before."""
    resume()
    _DRIVERS.users -= 1
    if _DRIVERS.users == 0 and _DRIVERS.driver is not None:
        if not _DRIVERS.is_borrowed:
            _DRIVERS.driver.stop()
        if _DRIVERS.folder is not None:
            lifeline.remove(_DRIVERS.folder)
        _DRIVERS.driver = _DRIVERS.folder = None


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
