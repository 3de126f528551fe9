"""What all stacks of one harness process share: the browser and the meeting place of the agents."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.launch import playwright_driver as driver
from harness.launch.browser import BrowserMissing, find_browser, has_ffmpeg, install, launch_arguments
from harness.launch.recordings import Recording
from harness.lib.closing import Closing
from harness.lib.timing import Spans
from harness.taps.agent import AgentHub

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Playwright


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
        self.hub = AgentHub()
        self.spans = Spans()
        """Where the time of the runs on this machine goes."""

    @property
    def browser(self) -> Browser:
        """The browser, started when it is first asked for (0.3 s for the driver, 0.1 s for a headless shell)."""
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
        return self._browser

    def close(self) -> None:
        """Stop the browser, its driver and the hub."""
        if self._browser is not None:
            driver.resume()
            self._browser.close()
        if self._playwright is not None:
            self._playwright = None
            driver.give_back()
        self.hub.close()
