"""Playwright's driver, once in a thread: its synchronous API can't be started a second time where it runs already."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Playwright


class _Drivers(threading.local):
    """The driver of each thread, and how many use it."""

    def __init__(self) -> None:
        self.driver: Playwright | None = None
        self.users = 0


_DRIVERS = _Drivers()


def take() -> Playwright:
    """The driver of this thread, started when nobody has it yet. Everybody who takes it gives it back."""
    if _DRIVERS.driver is None:
        from playwright.sync_api import sync_playwright

        _DRIVERS.driver = sync_playwright().start()
    _DRIVERS.users += 1
    return _DRIVERS.driver


def give_back() -> None:
    """The last one to do so stops it."""
    _DRIVERS.users -= 1
    if _DRIVERS.users == 0 and _DRIVERS.driver is not None:
        _DRIVERS.driver.stop()
        _DRIVERS.driver = None
