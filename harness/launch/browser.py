"""Which browser to start: HARNESS_BROWSER, Playwright's own headless shell, or a Chromium of this machine.

Finding one takes a few file look-ups: Playwright is not imported, and nothing is started until `start_once`.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from harness import locations
from harness.locations import own_python

ON_PATH = ("chromium-headless-shell", "chrome-headless-shell", "chromium", "chromium-browser", "google-chrome")
"""Tried in this order: a headless shell starts three times as fast as a whole Chromium."""

BUNDLED = {
    "chromium-headless-shell": ("chrome-headless-shell", "headless_shell", "chrome-headless-shell.exe"),
    "chromium": ("chrome", "chrome.exe", "Chromium.app/Contents/MacOS/Chromium"),
    "firefox": ("firefox", "firefox.exe", "Nightly.app/Contents/MacOS/firefox"),
    "webkit": ("pw_run.sh", "Playwright.exe"),
}
"""Playwright's own browsers and the names of their programs, a folder below the browser's or in it."""

WHO_ARE_YOU = "data:text/html,<script>document.write(navigator.userAgent)</script>"


def install(name: str) -> str:
    """The command that installs one of Playwright's browsers, as a person types it here."""
    return f"`{own_python()} -m playwright install {name}`"


def how_to_get_one(name: str = "chromium-headless-shell") -> str:
    """What a person does who has no Chromium."""
    ways = f"{install(name)}, or install your\nsystem's package chromium, or set HARNESS_BROWSER to a Chromium."
    return f"Run `make setup`, which gets one, or {ways}" if locations.IS_CHECKOUT else f"Run {ways}"


class BrowserMissing(Exception):
    """No browser, or none that starts; the message says how to get one."""


@dataclass(frozen=True, slots=True)
class Browser:
    """A browser to launch. `executable` is what Playwright is told; None is the one that it brings, at `program`."""

    name: str
    executable: Path | None
    program: Path


def find_browser(engine: str = "chromium", headed: bool = False) -> Browser:
    """The browser to use. Raises BrowserMissing. Starts nothing, and doesn't import Playwright.

    Firefox and WebKit are Playwright's own builds: it speaks a protocol with them that others don't have. A headless
    shell has no window, so that `headed` takes a whole browser, and needs a display.
    """
    if headed and sys.platform.startswith("linux") and not any(map(os.environ.get, ("DISPLAY", "WAYLAND_DISPLAY"))):
        raise BrowserMissing("a headed browser needs a display, and there is none.\nUse `xvfb-run -a …`, or headless.")
    if engine != "chromium":
        return _bundled_or_raise(engine)
    if named := os.environ.get("HARNESS_BROWSER"):
        return _named(named, headed)
    own = "chromium" if headed else "chromium-headless-shell"
    if (bundled := _bundled(own)) is not None:
        return Browser(f"Playwright's {own}", None, bundled)
    for name in ON_PATH:
        if not (headed and "headless" in name) and (path := shutil.which(name)) is not None:
            return Browser(name, Path(path), Path(path))
    if headed:
        raise BrowserMissing(f"no browser with a window was found.\n{how_to_get_one('chromium')}")
    raise BrowserMissing(f"no browser was found.\n{how_to_get_one()}")


def _named(named: str, headed: bool) -> Browser:
    path = shutil.which(Path(named).expanduser())
    if path is None:
        raise BrowserMissing(f"HARNESS_BROWSER is {named}, and there is no such program.\nCorrect it, or unset it.")
    if headed and "headless" in Path(path).name:
        raise BrowserMissing(f"HARNESS_BROWSER is {named}, which has no window.\nName a whole Chromium, or unset it.")
    return Browser("HARNESS_BROWSER", Path(path), Path(path))


def _bundled_or_raise(engine: str) -> Browser:
    program = _bundled(engine)
    if program is None:
        raise BrowserMissing(f"Playwright's {engine} is not installed.\nRun {install(engine)}.")
    return Browser(f"Playwright's {engine}", None, program)


def launch_arguments() -> list[str]:
    """Arguments for Chromium: it must look nothing up by itself, and as root it can't have its sandbox.

    Where /dev/shm is small, as in a container by default (64 MB), pages crash unless it uses files instead.
    """
    arguments = ["--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run"]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        arguments.append("--no-sandbox")
    if 0 < shared_memory_mb() < 256:
        arguments.append("--disable-dev-shm-usage")
    return arguments


def shared_memory_mb() -> int:
    """The size of /dev/shm in MB, 0 where there is none."""
    try:
        return shutil.disk_usage("/dev/shm").total // 1_000_000  # noqa: S108 asked for its size, not written to
    except OSError:
        return 0


def start_once(browser: Browser, timeout_s: float = 30) -> str:
    """Start it headless, have it show one page, and return what it calls itself, as "HeadlessChrome/150.0.0.0".

    Raises BrowserMissing with the end of what it said when it does not: a browser that is installed may still lack
    libraries of the system. Takes about 0.3 s.
    """
    import re
    import subprocess
    from tempfile import TemporaryDirectory

    with TemporaryDirectory(prefix="harness-browser-", ignore_cleanup_errors=True) as profile:
        options = ["--headless", "--disable-gpu", f"--user-data-dir={profile}", *launch_arguments()]
        try:
            done = subprocess.run(
                [browser.program, *options, "--dump-dom", WHO_ARE_YOU],
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=timeout_s,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise BrowserMissing(f"{browser.program} does not start: {error}.\n{how_to_get_one()}") from None
    if found := re.search(rb"\w*Chrom\w*/[\d.]+", done.stdout):
        return found[0].decode()
    said = " ".join(line.strip() for line in done.stderr.decode("utf-8", "replace").splitlines() if line.strip())
    printable = "".join(c if c.isprintable() else " " for c in said[-400:])
    what = f"{browser.program} starts, but shows no page (status {done.returncode}): {printable}"
    raise BrowserMissing(f"{what}\n{how_to_get_one()}")


def _bundled(name: str) -> Path | None:
    """One of Playwright's browsers, where it was installed, from the list that its driver keeps."""
    folder = _installed(name)
    if folder is None:
        return None
    names = (pattern for each in BUNDLED[name] for pattern in (f"*/{each}", each))
    return next((path for pattern in names for path in folder.glob(pattern)), None)


def has_ffmpeg() -> bool:
    """Whether Playwright's ffmpeg is installed, without which it records no video."""
    return _installed("ffmpeg") is not None


def _installed(name: str) -> Path | None:
    spec = find_spec("playwright")
    if spec is None or spec.origin is None:
        return None
    package = Path(spec.origin).parent / "driver" / "package"
    try:
        browsers = json.loads((package / "browsers.json").read_text())["browsers"]
        revision = next(each["revision"] for each in browsers if each["name"] == name)
    except (OSError, ValueError, KeyError, StopIteration):
        return None
    folder = _cache(package) / f"{name.replace('-', '_')}-{revision}"
    return folder if (folder / "INSTALLATION_COMPLETE").exists() else None


def _cache(package: Path) -> Path:
    """Where Playwright keeps its browsers (https://playwright.dev/python/docs/browsers#managing-browser-binaries)."""
    if (named := os.environ.get("PLAYWRIGHT_BROWSERS_PATH")) == "0":
        return package / ".local-browsers"
    if named:
        return Path(named)
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "ms-playwright"
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA", Path.home() / "AppData" / "Local")) / "ms-playwright"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "ms-playwright"


if __name__ == "__main__":
    try:
        chosen = find_browser()
        print(f"set-up: browser {chosen.name}, {start_once(chosen)}")  # noqa: T201 asked by `python -m harness.launch.browser`
    except BrowserMissing as error:
        sys.exit(f"set-up: {error}")
