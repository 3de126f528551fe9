"""The options of pytest-playwright: what is recorded, what is kept of it, and which browser is started."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path

import pytest

from harness.launch.browser import Browser, BrowserMissing, find_browser
from harness.launch.recordings import Recording
from harness.launch.resources import Resources
from harness.pytest_plugin.browser import slug
from tests.support.inner import ALONE

ROOT = Path(__file__).resolve().parents[2]

TESTS = """
import pytest


@pytest.mark.proves("P1", dashboards="A", strategies=["broadcast"])
def test_good(run):
    run.open_dashboards("A")
    run.do("main", run.main).finish()


@pytest.mark.proves("P1", dashboards="AB", strategies=["broadcast"])
def test_breaks_off(run):
    run.open_dashboards("A", "B")
    assert False


@pytest.mark.proves("P1", dashboards="A", strategies=["broadcast"], routing="room-mismatch")
def test_loses_events(run):
    run.open_dashboards("A")
    run.do("main", run.main).finish()


def test_is_named(harness_engine):
    assert harness_engine in ("chromium", "firefox")
"""


@dataclass(frozen=True)
class Done:
    """A pytest run: what it said, and the files that it kept."""

    said: str
    kept: dict[str, Path]


def run_pytest(folder: Path, *options: str) -> Done:
    path, output = folder / "test_them.py", folder / "output"
    path.write_text(TESTS)
    argv = [sys.executable, "-m", "pytest", "-q", *ALONE, "-c", "/dev/null", f"--rootdir={folder}"]
    argv += [f"--basetemp={folder / 'runs'}", f"--output={output}", *options, str(path)]
    done = subprocess.run(argv, cwd=ROOT, capture_output=True, text=True, check=False, timeout=180)
    files = {path.relative_to(output).as_posix(): path for path in output.rglob("*") if path.is_file()}
    return Done(done.stdout + done.stderr, files)


@pytest.mark.slow
def test_what_failed_is_kept_and_what_passed_is_not(tmp_path: Path) -> None:
    done = run_pytest(tmp_path, "--tracing", "retain-on-failure", "--screenshot", "only-on-failure")
    assert "2 failed, 2 passed" in done.said
    assert set(done.kept) == {
        "test_them.py-test_breaks_off-broadcast/trace-1.zip",
        "test_them.py-test_breaks_off-broadcast/trace-2.zip",
        "test_them.py-test_breaks_off-broadcast/test-failed-1.png",
        "test_them.py-test_breaks_off-broadcast/test-failed-2.png",
        "test_them.py-test_loses_events-broadcast/trace.zip",
        "test_them.py-test_loses_events-broadcast/test-failed-1.png",
    }
    with zipfile.ZipFile(done.kept["test_them.py-test_loses_events-broadcast/trace.zip"]) as trace:
        assert "trace.trace" in trace.namelist()
    assert list((tmp_path / "runs").glob("*/run/recordings/*")) != [], "they stay in the run's folder for its reports"
    assert "test_good" not in " ".join(map(str, (tmp_path / "runs").glob("*/run/recordings/*")))


@pytest.mark.slow
def test_on_keeps_what_passed_too(tmp_path: Path) -> None:
    done = run_pytest(tmp_path, "--tracing", "on", "--screenshot", "on", "-k", "good")
    folder = "test_them.py-test_good-broadcast"
    assert set(done.kept) == {f"{folder}/trace.zip", f"{folder}/test-finished-1.png"}


def test_several_browsers_run_every_test_in_each(tmp_path: Path) -> None:
    done = run_pytest(tmp_path, "--browser", "chromium", "--browser", "firefox", "-k", "named", "-vv")
    assert "test_is_named[chromium] PASSED" in done.said
    assert "test_is_named[firefox] PASSED" in done.said


def test_a_browser_that_is_not_known_is_refused(tmp_path: Path) -> None:
    assert "invalid choice: 'lynx'" in run_pytest(tmp_path, "--browser", "lynx").said


def test_a_folder_s_name_is_plain() -> None:
    assert slug("tests/test_x.py::test_y[a/../b é]") == "tests-test_x.py-test_y-a-..-b"


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A machine with nothing but a display; the folder is its whole PATH."""
    monkeypatch.delenv("HARNESS_BROWSER", raising=False)
    monkeypatch.setenv("PLAYWRIGHT_BROWSERS_PATH", str(tmp_path / "cache"))
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("DISPLAY", ":99")
    return tmp_path


def program(path: Path) -> Path:
    path.write_text("#!/bin/sh\n")
    path.chmod(0o755)
    return path


def test_a_window_takes_a_whole_browser(bare: Path) -> None:
    program(bare / "chromium-headless-shell")
    with pytest.raises(BrowserMissing, match="no browser with a window"):
        find_browser(headed=True)
    whole = program(bare / "chromium")
    assert find_browser(headed=True) == Browser("chromium", whole, whole)
    assert find_browser().name == "chromium-headless-shell"


def test_a_named_headless_shell_has_no_window(bare: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HARNESS_BROWSER", str(program(bare / "my-headless-shell")))
    assert find_browser().name == "HARNESS_BROWSER"
    with pytest.raises(BrowserMissing, match="has no window"):
        find_browser(headed=True)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="elsewhere there always is a display")
def test_a_window_needs_a_display(bare: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program(bare / "chromium")
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(BrowserMissing, match="needs a display"):
        find_browser(headed=True)


@pytest.mark.parametrize("engine", ["firefox", "webkit"])
def test_other_engines_are_playwrights_own(bare: Path, engine: str) -> None:
    program(bare / engine)
    with pytest.raises(BrowserMissing, match=f"playwright install {engine}"):
        find_browser(engine)


def test_a_video_without_ffmpeg_is_told_before_it_starts(bare: Path) -> None:
    program(bare / "chromium")
    with Resources(recording=Recording(video=True)) as resources, pytest.raises(BrowserMissing, match="install ffmpeg"):
        _ = resources.browser
