"""The options of pytest-playwright, with the meaning that they have there, for the dashboards of scenarios.

Where pytest-playwright itself is active, its options are used. What is kept goes to `--output`, a folder for each test;
several dashboards are numbered in the order in which they were opened.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterable
from importlib.util import find_spec
from pathlib import Path

import pytest

from harness.launch.recordings import FOLDER, Recording

ENGINES = ("chromium", "firefox", "webkit")


def pytest_addoption(parser: pytest.Parser, pluginmanager: pytest.PytestPluginManager) -> None:
    """Add them, unless pytest-playwright does."""
    if find_spec("pytest_playwright") is not None and not pluginmanager.is_blocked("playwright"):
        return
    group = parser.getgroup("playwright", "Browsers of the dashboards, as pytest-playwright has it")
    group.addoption("--browser", action="append", default=[], choices=ENGINES, help="may be given several times")
    group.addoption("--headed", action="store_true", help="show the browser; needs a display")
    group.addoption("--slowmo", type=int, default=0, metavar="MS", help="slow each step of Playwright down")
    group.addoption("--output", default="test-results", metavar="DIR", help="where what is kept goes")
    keep = ("on", "off", "retain-on-failure")
    group.addoption("--tracing", default="off", choices=keep, help="a Playwright trace of each dashboard")
    group.addoption("--video", default="off", choices=keep, help="a video of each dashboard")
    pictures = ("on", "off", "only-on-failure")
    group.addoption("--screenshot", default="off", choices=pictures, help="a picture of each dashboard at the end")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Several browsers: every test that needs one runs in each."""
    engines = metafunc.config.getoption("--browser")
    if len(engines) > 1 and "engine" in metafunc.fixturenames:
        metafunc.parametrize("engine", engines, scope="session", indirect=True)


@pytest.fixture(scope="session")
def engine(request: pytest.FixtureRequest) -> str:
    """The browser's engine: chromium unless `--browser` says otherwise."""
    named: list[str] = request.config.getoption("--browser")
    return str(getattr(request, "param", named[0] if named else ENGINES[0]))


@pytest.fixture(scope="session")
def recording(pytestconfig: pytest.Config) -> Recording:
    """What is recorded of each dashboard; override it to record more."""
    wants_report = pytestconfig.getoption("allure_report_dir", None) is not None
    return Recording(
        trace=pytestconfig.getoption("--tracing") != "off",
        video=pytestconfig.getoption("--video") != "off",
        connected=wants_report,
    )


def keep(config: pytest.Config, node_id: str, run_dir: Path, failed: bool) -> list[Path]:
    """Copy what the options want to keep to `--output`, drop the recordings that they don't want, return the copies."""
    kept: list[Path] = []
    folder = Path(config.getoption("--output")) / slug(node_id)
    for suffix, option in (("trace.zip", "--tracing"), ("video.webm", "--video")):
        found = sorted((run_dir / FOLDER).glob(f"*-{suffix}"), key=lambda path: path.stat().st_mtime_ns)
        if failed or config.getoption(option) == "on":
            stem, _, extension = suffix.partition(".")
            kept += _copy(found, folder, stem, extension)
        else:
            for path in found:
                path.unlink()
    wanted = config.getoption("--screenshot")
    if wanted == "on" or (wanted == "only-on-failure" and failed):
        pictures = run_dir / "screenshots"
        found = sorted(pictures.glob("*-failed.png")) or sorted(pictures.glob("*-after.png"))
        name = "test-failed" if failed else "test-finished"
        kept += [_to(path, folder / f"{name}-{number}.png") for number, path in enumerate(found, 1)]
    return kept


def slug(node_id: str) -> str:
    """A node id as the name of a folder."""
    return re.sub(r"[^A-Za-z0-9_.]+", "-", node_id).strip("-.")[:200]


def _copy(found: Iterable[Path], folder: Path, stem: str, extension: str) -> list[Path]:
    files = list(found)
    names = (
        [f"{stem}.{extension}"] if len(files) == 1 else [f"{stem}-{i}.{extension}" for i in range(1, len(files) + 1)]
    )
    return [_to(path, folder / name) for path, name in zip(files, names, strict=True)]


def _to(source: Path, target: Path) -> Path:
    target.parent.mkdir(parents=True, exist_ok=True)
    return Path(shutil.copy(source, target))
