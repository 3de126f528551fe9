"""What all stacks of one harness process share: the browser and the meeting place of the agents."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from harness.launch import playwright_driver as driver
from harness.launch.browser import BrowserMissing, find_browser, has_ffmpeg, install, launch_arguments
from harness.launch.recordings import Recording
from harness.lib.closing import Closing
from harness.lib.timing import Spans
from harness.taps.agent import AgentHub

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Playwright


TOLD_S = 0.5
"""How long the driver may take to tell how a browser ended that it knows to be gone."""


class Resources(Closing):
    """One browser, one hub, and the spans of everything that runs on them."""

    def __init__(
        self,
        headed: bool = False,
        slow_mo_ms: float = 0,
        engine: str = "chromium",
        recording: Recording = Recording(),  # noqa: B008 frozen
        running: Playwright | None = None,
    ) -> None:
        """`running` is a Playwright of this thread that others started and will stop."""
        self._headed, self._slow_mo_ms, self._engine, self.recording = headed, slow_mo_ms, engine, recording
        self._running = running
        self._playwright: Playwright | None = None
        self._browser: Browser | None = None
        self._watch: driver.BrowserWatch | None = None
        self.hub = AgentHub()
        self.spans = Spans()
        """Where the time of the runs on this machine goes."""

    @property
    def browser(self) -> Browser:
        """The browser, started when it is first asked for (0.3 s for the driver, 0.1 s for a headless shell)."""
        driver.resume()  # what parked it between two tests doesn't know all of its users
        if self.ended() is not None:  # in the run before
            self._stop_browser()
        if self._browser is None:
            with self.spans("Playwright"):
                found = find_browser(self._engine, self._headed)
                if self.recording.video and not has_ffmpeg():
                    raise BrowserMissing(
                        f"a video needs Playwright's ffmpeg, and it is not installed.\nRun {install('ffmpeg')}."
                    )
                self._playwright = driver.take(self._running)
            with self.spans("browser"):
                self._browser = getattr(self._playwright, self._engine).launch(
                    executable_path=None if found.executable is None else str(found.executable),
                    headless=not self._headed,
                    slow_mo=self._slow_mo_ms or None,
                    args=launch_arguments() if self._engine == "chromium" else [],
                )
            self._watch = driver.BrowserWatch()
        return self._browser

    def ended(self) -> tuple[str, int | None] | None:
        """Who of the browser and its driver has ended by itself, with its status where that is known; None for none."""
        if self._browser is None or self._watch is None:
            return None
        if self._playwright is not driver.current():  # it ended under another user, who has a new one by now
            return "Playwright's driver", None
        if (status := self._watch.how_it_ended()) is not None:
            return "the browser", status
        if driver.has_ended():
            return "Playwright's driver", driver.how_it_ended()
        return None if self._browser.is_connected() else ("the browser", self._watch.how_it_ended(TOLD_S))

    def close(self) -> None:
        """Stop the browser, its driver and the hub."""
        self._stop_browser()
        self.hub.close()

    def _stop_browser(self) -> None:
        if self._watch is not None:
            self._watch.close()
        if self._browser is not None:
            driver.resume()
            with contextlib.suppress(Exception) if self.ended() else contextlib.nullcontext():
                self._browser.close()
        if self._playwright is not None:
            self._playwright = None
            driver.give_back()
        self._browser = self._watch = None
