"""What Playwright records of a dashboard while it is open: a trace and a video. Which of them is kept is for others."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harness.launch.trace_redaction import redact_trace

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Page

FOLDER = "recordings"
"""The part of a run's folder that they are in."""

TRACE, VIDEO = "-trace.zip", "-video.webm"
"""How the names of recordings end, after the dashboard's label."""


@dataclass(frozen=True, slots=True)
class Recording:
    """What is recorded. `connected`: a picture of each dashboard, too, once connected."""

    trace: bool = False
    video: bool = False
    connected: bool = False


class Recorder:
    """The recordings of one dashboard, `<label>-trace.zip` and `<label>-video.webm` in its run's folder."""

    def __init__(self, what: Recording, run_dir: Path, label: str) -> None:
        self._what, self._folder, self._label = what, run_dir / FOLDER, label

    def options(self) -> dict[str, Any]:
        """What a browser context has to be made with."""
        size = {"width": 1440, "height": 900}
        return {"record_video_dir": self._folder, "record_video_size": size} if self._what.video else {}

    def start(self, context: BrowserContext) -> None:
        """Begin with the trace: pictures, snapshots of the document, and the harness's own lines."""
        if self._what.trace:
            context.tracing.start(title=self._label, screenshots=True, snapshots=True, sources=True)

    def close(self, context: BrowserContext, page: Page) -> None:
        """Write the trace, close the context, and give the video, which is complete only then, its name."""
        try:
            if self._what.trace:
                self._folder.mkdir(exist_ok=True)
                trace = self._folder / f"{self._label}{TRACE}"
                context.tracing.stop(path=trace)
                redact_trace(trace)
        finally:
            context.close()
        if self._what.video and page.video is not None:
            Path(page.video.path()).rename(self._folder / f"{self._label}{VIDEO}")

    def hide(self, clean: Callable[[bytes], bytes], had_secrets: bool) -> None:
        """Take what is secret out of the trace, once it is written.

        Of a page that `had_secrets` neither its pictures nor a video is kept: where in them it stands is not known.
        """
        trace, video = (self._folder / f"{self._label}{each}" for each in (TRACE, VIDEO))
        if trace.is_file():
            redact_trace(trace, clean, has_pictures=not had_secrets)
        if had_secrets and video.is_file():
            video.unlink()
            video.with_suffix(".txt").write_text(
                f"No video of dashboard {self._label} was kept: its page had secrets, and nothing covers them there.\n"
            )
