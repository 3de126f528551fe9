"""Which browser to start: HARNESS_BROWSER, Playwright's own headless shell, or a Chromium of this machine."""

from __future__ import annotations

import json
import os
import shutil
import sys
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

ON_PATH = ("chromium-headless-shell", "chrome-headless-shell", "chromium", "chromium-browser", "google-chrome")
"""Tried in this order: a headless shell starts three times as fast as a whole Chromium."""


class BrowserMissing(Exception):
    """No browser; the message says how to get one."""


@dataclass(frozen=True, slots=True)
class Browser:
    """A browser to launch. `executable` None is the one that Playwright brings."""

    name: str
    executable: Path | None


def find_browser() -> Browser:
    """The browser to use. Raises BrowserMissing. Starts nothing, and doesn't import Playwright."""
    if named := os.environ.get("HARNESS_BROWSER"):
        path = shutil.which(named)
        if path is None:
            raise BrowserMissing(f"HARNESS_BROWSER is {named}, and there is no such program: correct it, or unset it.")
        return Browser("HARNESS_BROWSER", Path(path))
    if _bundled() is not None:
        return Browser("playwright's chromium-headless-shell", None)
    for name in ON_PATH:
        if (path := shutil.which(name)) is not None:
            return Browser(name, Path(path))
    raise BrowserMissing(
        "no browser was found. Run `make`, which gets one, or `.venv/bin/playwright install chromium-headless-shell`,\n"
        "or install your system's package chromium, or set HARNESS_BROWSER to a Chromium."
    )


def launch_arguments() -> list[str]:
    """Arguments for Chromium: it must look nothing up by itself, and as root it can't have its sandbox."""
    quiet = ["--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run"]
    return [*quiet, "--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else quiet


def _bundled() -> Path | None:
    """Playwright's headless shell, where it was installed, from the list that its driver keeps."""
    spec = find_spec("playwright")
    if spec is None or spec.origin is None:
        return None
    listed = Path(spec.origin).parent / "driver" / "package" / "browsers.json"
    try:
        browsers = json.loads(listed.read_text())["browsers"]
    except (OSError, ValueError, KeyError):
        return None
    revision = next((each["revision"] for each in browsers if each["name"] == "chromium-headless-shell"), None)
    folder = _cache() / f"chromium_headless_shell-{revision}"
    return folder if (folder / "INSTALLATION_COMPLETE").exists() else None


def _cache() -> Path:
    if named := os.environ.get("PLAYWRIGHT_BROWSERS_PATH"):
        return Path(named)
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "ms-playwright"
    return Path(os.environ.get("XDG_CACHE_HOME", str(Path.home() / ".cache"))) / "ms-playwright"


if __name__ == "__main__":
    try:
        print(f"browser: {find_browser().name}")  # noqa: T201 the set-up asks by `python -m harness.browser`
    except BrowserMissing as error:
        sys.exit(str(error))
