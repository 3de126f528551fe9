"""Calls to a page whose script never ends: some of Playwright's outlive their own time-out, and would hold the run.

Seen with 1.65: `wait_for_function`, where the page's script begins to loop after the call has begun. Chromium can end
the script that runs; the page goes on with what comes next. It listens to that only over a session that is there
before.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Iterator
from inspect import signature
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playwright.sync_api import Page

GRACE_S = 10.0
"""How much longer than its own time-out a call to a page may take, before the page's script is ended."""

AGAIN_S = 2.0
"""The same where a script of the page was ended before: what comes next in it may never end, either."""


class Endless:
    """Ends scripts of one page that never end, while a call to it waits; in Chromium alone.

    `told` hears after how many seconds, once for each call.
    """

    def __init__(self, page: Page, told: Callable[[float], None]) -> None:
        from playwright.sync_api import Error

        self._told = told
        self._grace_s = GRACE_S
        self._session: Any = None
        with contextlib.suppress(Error):  # another browser
            self._session = page.context.new_cdp_session(page)

    @contextlib.contextmanager
    def limited(self, timeout_s: float) -> Iterator[None]:
        """Within the block a script that holds a call for longer than `timeout_s` and a grace is ended.

        The time runs in Playwright's own loop, which runs while a call waits.
        """
        loop: asyncio.AbstractEventLoop | None = getattr(self._session, "_loop", None)
        if loop is None:
            yield
            return
        limit_s = timeout_s + self._grace_s
        ending = _Ending(self._session, loop, limit_s)
        try:
            yield
        finally:
            ending.timer.cancel()
            if ending.count:
                self._grace_s = AGAIN_S
                self._told(limit_s)


class _Ending:
    """Ends the script that runs after a while, and the next again, until its timer is cancelled."""

    def __init__(self, session: Any, loop: asyncio.AbstractEventLoop, limit_s: float) -> None:
        self._session, self._loop = session, loop
        self.count = 0
        self.timer = loop.call_later(limit_s, self._end)

    def _end(self) -> None:
        self.count += 1
        self._task = self._loop.create_task(self._terminate())
        self.timer = self._loop.call_later(AGAIN_S, self._end)

    async def _terminate(self) -> None:
        send = self._session._impl_obj.send
        rest = len(signature(send).parameters) - 1  # one or two, by Playwright's version
        with contextlib.suppress(Exception):  # the page is gone: then the call ends, too
            await send("Runtime.terminateExecution", *(None,) * rest)
