"""What this machine lacks for a run, and how to get it."""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("playwright", "pytest", "pytest-xdist", "python-socketio", "allure-pytest", "uvicorn", "websocket-client")
LAUNCH_S = 20


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that a run needs. `remedy` says how to get it; empty when it is there."""

    name: str
    ok: bool
    found: str
    remedy: str = ""


def examine() -> list[Check]:
    """Every check, in the order in which a run needs them. The browser is really started once."""
    return [_python(), _packages(), _node(), _page(), _browser(), _loopback(), _reports()]


def show(checks: Sequence[Check], write: Callable[[str], object]) -> None:
    """One line a check; below what is missing, how to get it."""
    for check in checks:
        write(f"{'ok     ' if check.ok else 'MISSING'}  {check.name}: {check.found}")
        if not check.ok:
            write(f"         → {check.remedy}")


def _python() -> Check:
    found = ".".join(map(str, sys.version_info[:3]))
    return Check("Python", sys.version_info >= (3, 11), found, "install Python 3.11 or newer")


def _packages() -> Check:
    missing = []
    for package in PACKAGES:
        try:
            version(package)
        except PackageNotFoundError:
            missing.append(package)
    found = f"{', '.join(missing)} missing" if missing else f"{len(PACKAGES)} packages"
    return Check("packages", not missing, found, "run `make setup`, or pip install -e '.[dev]'")


def _node() -> Check:
    node = shutil.which("node") or shutil.which(str(ROOT / ".venv" / "bin" / "node"))
    built = (ROOT / "fixtures" / "dashboard" / "dist" / "index.html").exists()
    remedy = "run `make setup`, which gets it from a Python package, or install Node.js 20 or newer"
    return Check("Node.js", node is not None or built, node or "none (the dashboard is built already)", remedy)


def _page() -> Check:
    page = ROOT / "fixtures" / "dashboard" / "dist" / "index.html"
    return Check("dashboard", page.exists(), "built" if page.exists() else "not built", "run `make setup`")


def _browser() -> Check:
    from harness.browser import BrowserMissing, find_browser, launch_arguments

    try:
        browser = find_browser()
    except BrowserMissing as error:
        return Check("browser", False, "none", str(error))
    if browser.executable is None:
        return Check("browser", True, browser.name)
    argv = [str(browser.executable), "--headless", "--disable-gpu", *launch_arguments(), "--dump-dom", "about:blank"]
    try:
        started = subprocess.run(argv, capture_output=True, text=True, timeout=LAUNCH_S, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        return Check("browser", False, f"{browser.executable} does not start: {error}", "install another, or its libraries")
    works = "<html>" in started.stdout
    told = (started.stderr.strip().splitlines() or ["no output"])[-1]
    found = f"{browser.name} ({browser.executable})" if works else f"{browser.executable} does not start: {told}"
    return Check("browser", works, found, "install another Chromium, or the libraries that it names")


def _loopback() -> Check:
    try:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
    except OSError as error:
        return Check("loopback", False, str(error), "allow this program to listen on 127.0.0.1")
    return Check("loopback", True, "free ports on 127.0.0.1")


def _reports() -> Check:
    folder = ROOT / "reports"
    try:
        folder.mkdir(exist_ok=True)
        probe = folder / ".probe"
        probe.touch()
        probe.unlink()
    except OSError as error:
        return Check("reports", False, f"{folder}: {error.strerror}", "make the folder writable")
    return Check("reports", True, str(folder))
