"""The options of pytest-playwright, with the meaning that they have there, for the dashboards of scenarios.

Where pytest-playwright itself is active, its options are used, and a project's own options are left to it. What is kept
goes to `--output`, a folder for each test; several dashboards are numbered in the order in which they were opened.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from harness.launch.recordings import Recording

ENGINES = ("chromium", "firefox", "webkit")
KEEP, PICTURES = ("on", "off", "retain-on-failure"), ("on", "off", "only-on-failure")


OPTIONS: Mapping[str, dict[str, Any]] = {
    "--browser": {"action": "append", "default": [], "choices": ENGINES, "help": "may be given several times"},
    "--headed": {"action": "store_true", "default": False, "help": "show the browser; needs a display"},
    "--slowmo": {"type": int, "default": 0, "metavar": "MS", "help": "slow each step of Playwright down"},
    "--output": {"default": "test-results", "metavar": "DIR", "help": "where what is kept goes"},
    "--tracing": {"default": "off", "choices": KEEP, "help": "a Playwright trace of each dashboard"},
    "--video": {"default": "off", "choices": KEEP, "help": "a video of each dashboard"},
    "--screenshot": {"default": "off", "choices": PICTURES, "help": "a picture of each dashboard at the end"},
}
_ADDED = pytest.StashKey[frozenset[str]]()
"""The options that this plugin has added."""


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config, parser: pytest.Parser) -> Iterator[None]:
    """Add those that neither another plugin nor a conftest has by now: a project's own options stay its own."""
    result = yield
    added = frozenset() if _is_playwrights(early_config) else _free(parser, OPTIONS)
    group = parser.getgroup("harness", "event stream harness")
    for name in added:
        group.addoption(name, dest=f"harness_{name[2:]}", **OPTIONS[name])
    early_config.stash[_ADDED] = added
    return result


def _is_playwrights(config: pytest.Config) -> bool:
    return config.pluginmanager.has_plugin("playwright")


def _free(parser: pytest.Parser, names: Iterable[str]) -> frozenset[str]:
    """Those names that no option has yet: the parser can make nothing of them."""
    given = {f"{name}=?": name for name in names}
    try:
        unknown = parser.parse_known_and_unknown_args([*given])[1]
    except (pytest.UsageError, ValueError):  # an option of that name takes no such value
        if len(given) == 1:
            return frozenset()
        return frozenset(name for each in given.values() for name in _free(parser, [each]))
    return frozenset(name for each, name in given.items() if each in unknown)


def option(config: pytest.Config, name: str) -> Any:
    """What one of these options says; its default where the project has an option of its own by that name."""
    is_ours = name in config.stash.get(_ADDED, frozenset()) or _is_playwrights(config)
    return config.getoption(name) if is_ours else OPTIONS[name]["default"]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Several browsers: every test of the harness's runs in each."""
    engines = option(metafunc.config, "--browser")
    if len(engines) > 1 and "harness_engine" in metafunc.fixturenames:
        metafunc.parametrize("harness_engine", engines, scope="session", indirect=True)


@pytest.fixture(scope="session")
def harness_engine(request: pytest.FixtureRequest) -> str:
    """The browser's engine: chromium unless `--browser` says otherwise."""
    named: list[str] = option(request.config, "--browser")
    return str(getattr(request, "param", named[0] if named else ENGINES[0]))


@pytest.fixture(scope="session")
def harness_recording(pytestconfig: pytest.Config) -> Recording:
    """What is recorded of each dashboard; override it to record more."""
    from harness.launch.recordings import Recording

    wants_report = pytestconfig.getoption("allure_report_dir", None) is not None
    return Recording(
        trace=option(pytestconfig, "--tracing") != "off",
        video=option(pytestconfig, "--video") != "off",
        connected=wants_report,
    )


def keep(config: pytest.Config, node_id: str, run_dir: Path, failed: bool) -> list[Path]:
    """Copy what the options want to keep to `--output`, drop the recordings that they don't want, return the copies."""
    from harness.launch.recordings import FOLDER

    kept: list[Path] = []
    folder = Path(option(config, "--output")) / slug(node_id)
    for suffix, name in (("trace.zip", "--tracing"), ("video.webm", "--video")):
        found = sorted((run_dir / FOLDER).glob(f"*-{suffix}"), key=lambda path: path.stat().st_mtime_ns)
        if failed or option(config, name) == "on":
            stem, _, extension = suffix.partition(".")
            kept += _copy(found, folder, stem, extension)
        else:
            for path in found:
                path.unlink()
    wanted = option(config, "--screenshot")
    if wanted == "on" or (wanted == "only-on-failure" and failed):
        pictures = run_dir / "screenshots"
        found = sorted(pictures.glob("*-failed.png")) or sorted(pictures.glob("*-after.png"))
        stem = "test-failed" if failed else "test-finished"
        kept += [_to(path, folder / f"{stem}-{number}.png") for number, path in enumerate(found, 1)]
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
