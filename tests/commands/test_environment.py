"""The doctor and the choice of a browser: what is there is found, what is missing is said with a way to get it."""

from __future__ import annotations

import errno
import json
import os
import socket
import sys
import tempfile
from importlib.metadata import PackageNotFoundError
from pathlib import Path

import pytest

from harness.commands import environment as doctor
from harness.commands.environment import Check, Lacking, check, show
from harness.launch import browser
from harness.launch.browser import Browser, BrowserMissing, find_browser, launch_arguments, start_once


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A machine without browsers: its PATH is the folder that is returned, Playwright's cache is empty."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.delenv("HARNESS_BROWSER", raising=False)
    monkeypatch.setenv("PLAYWRIGHT_BROWSERS_PATH", str(tmp_path / "cache"))
    return folder


def program(path: Path, text: str = "exit 0") -> Path:
    """An executable shell script."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return path


def install_bundle(cache: Path, complete: bool = True) -> Path:
    """What `playwright install chromium-headless-shell` leaves, for the Playwright that is here."""
    import playwright

    listed = Path(playwright.__file__).parent / "driver" / "package" / "browsers.json"
    browsers = json.loads(listed.read_text())["browsers"]
    revision = next(each["revision"] for each in browsers if each["name"] == "chromium-headless-shell")
    folder = cache / f"chromium_headless_shell-{revision}"
    shell = program(folder / "chrome-headless-shell-linux64" / "chrome-headless-shell")
    if complete:
        (folder / "INSTALLATION_COMPLETE").touch()
    return shell


def test_a_machine_without_a_browser_is_told_how_to_get_one(bare: Path) -> None:
    with pytest.raises(BrowserMissing, match="no browser was found") as caught:
        find_browser()
    for way in ("make setup", "playwright install", "package chromium", "HARNESS_BROWSER"):
        assert way in str(caught.value)


@pytest.mark.parametrize("names", [browser.ON_PATH, *((name,) for name in browser.ON_PATH)])
def test_the_first_of_the_known_names_on_the_path_is_taken(bare: Path, names: tuple[str, ...]) -> None:
    for name in names:
        program(bare / name)
    assert find_browser() == Browser(names[0], bare / names[0], bare / names[0])


def test_a_headless_shell_is_taken_before_a_whole_chromium(bare: Path) -> None:
    for name in ("chromium", "google-chrome", "chromium-headless-shell"):
        program(bare / name)
    assert find_browser().name == "chromium-headless-shell"


def test_playwrights_own_comes_before_the_machines(bare: Path, tmp_path: Path) -> None:
    program(bare / "chromium")
    shell = install_bundle(tmp_path / "cache")
    found = find_browser()
    assert (found.executable, found.program) == (None, shell)


def test_an_installation_that_was_broken_off_does_not_count(bare: Path, tmp_path: Path) -> None:
    install_bundle(tmp_path / "cache", complete=False)
    with pytest.raises(BrowserMissing):
        find_browser()


def test_the_named_browser_comes_first(bare: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    install_bundle(tmp_path / "cache")
    mine = program(tmp_path / "mine")
    monkeypatch.setenv("HARNESS_BROWSER", str(mine))
    assert find_browser() == Browser("HARNESS_BROWSER", mine, mine)


def test_a_named_browser_that_is_not_there_is_an_error_and_no_other_is_taken(
    bare: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program(bare / "chromium")
    monkeypatch.setenv("HARNESS_BROWSER", "/nowhere/chromium")
    with pytest.raises(BrowserMissing, match=r"HARNESS_BROWSER is /nowhere/chromium, and there is no such program"):
        find_browser()


@pytest.mark.parametrize(("uid", "expected"), [(0, True), (1000, False)])
def test_the_sandbox_is_given_up_by_root_alone(uid: int, expected: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: uid)
    assert ("--no-sandbox" in launch_arguments()) is expected
    assert "--disable-background-networking" in launch_arguments()


@pytest.mark.parametrize(("size", "expected"), [(64, True), (256, False), (0, False)])
def test_little_shared_memory_is_left_alone(size: int, expected: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(browser, "shared_memory_mb", lambda: size)
    assert ("--disable-dev-shm-usage" in launch_arguments()) is expected


def test_the_browser_of_this_machine_starts_and_says_what_it_is() -> None:
    name, _, version = start_once(find_browser()).partition("/")
    assert name.endswith(("Chrome", "Chromium"))
    assert int(version.split(".")[0]) > 100


@pytest.mark.parametrize(
    ("script", "complaint"),
    [
        ("echo 'libnss3.so: cannot open shared object file' >&2; exit 127", r"status 127\): libnss3.so: cannot open"),
        ("echo '<html></html>'", r"shows no page \(status 0\)"),
        (r"printf '\033[31mred\033[0m' >&2; exit 1", r"status 1\):  \[31mred \[0m"),
    ],
)
def test_a_browser_that_does_not_start_is_told_with_its_own_words(tmp_path: Path, script: str, complaint: str) -> None:
    broken = program(tmp_path / "chromium", script)
    with pytest.raises(BrowserMissing, match=complaint) as caught:
        start_once(Browser("broken", broken, broken))
    assert "\033" not in str(caught.value)
    assert "make setup" in str(caught.value)


def test_a_browser_that_hangs_is_stopped(tmp_path: Path) -> None:
    broken = program(tmp_path / "chromium", "exec tail -f /dev/null")
    with pytest.raises(BrowserMissing, match=r"does not start: .*timed out after 0\.2 seconds"):
        start_once(Browser("broken", broken, broken), timeout_s=0.2)


def test_every_check_of_this_machine_is_answered() -> None:
    checks = {each.name: each for each in doctor.examine()}
    for name in ("Python", "packages", "extensions", "browser", "loopback", "shared memory", "runs", "temp folder"):
        assert checks[name].ok, checks[name]
    assert sys.executable in checks["Python"].found


def test_one_line_for_what_is_there_and_two_for_what_is_not() -> None:
    lines: list[str] = []
    show([Check("Python", True, "3.11.7"), Check("Node.js", False, "no npm", "install it")], lines.append)
    assert lines == ["ok       Python   3.11.7", "missing  Node.js  no npm", "                  install it"]


def test_a_check_that_breaks_is_a_need_that_is_not_met() -> None:
    def breaks() -> str:
        raise PermissionError(errno.EACCES, "Permission denied", "/x")

    found = check("reports/", breaks)
    assert not found.ok
    assert "Permission denied" in found.found
    assert found.get


def test_no_browser_is_said_in_the_two_lines_of_the_doctor(bare: Path) -> None:
    found = check("browser", doctor.browser)
    assert (found.ok, found.found) == (False, "no browser was found.")
    assert found.get.startswith("Run `make setup`")


def test_an_old_python_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 10, 4, "final", 0))
    with pytest.raises(Lacking) as caught:
        doctor.python()
    assert caught.value.found == "3.10.4"
    assert "3.11 or newer" in caught.value.get


def test_a_package_that_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        doctor, "requires", lambda _: ["no-such-package>=1", "pytest>=8", 'none-either; extra == "dev"']
    )
    with pytest.raises(Lacking, match=r"^without no-such-package$"):
        doctor.packages()


def test_a_harness_that_was_not_installed_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(_: str) -> list[str]:
        raise PackageNotFoundError

    monkeypatch.setattr(doctor, "requires", missing)
    with pytest.raises(Lacking, match="not installed"):
        doctor.packages()


@pytest.mark.parametrize(
    "line", ["uvicorn>=0.35", "uvicorn", "uvicorn [standard]", "uvicorn;python_version>'3'", "uvicorn~=1"]
)
def test_the_name_of_a_requirement(line: str) -> None:
    assert doctor.distribution_name(line) == "uvicorn"


@pytest.mark.parametrize(
    ("scripts", "found"),
    [
        ({}, "no node"),
        ({"node": "echo v22.1.0"}, "no npm"),
        ({"node": "echo v18.20.1", "npm": "exit 0"}, "v18.20.1"),
        ({"node": "echo v20.18.3", "npm": "exit 0"}, "v20.18.3"),
        ({"node": "echo nonsense", "npm": "exit 0"}, "nonsense"),
        ({"node": "exit 3", "npm": "exit 0"}, "no version"),
    ],
)
def test_a_node_that_will_not_do_is_said(bare: Path, tmp_path: Path, scripts: dict[str, str], found: str) -> None:
    for name, text in scripts.items():
        program(bare / name, text)
    with pytest.raises(Lacking) as caught:
        doctor.node(tmp_path)
    assert caught.value.found.startswith(found)
    assert "Node.js 20.19 or newer" in caught.value.get


def test_the_node_that_set_up_installed_is_found(bare: Path, tmp_path: Path) -> None:
    for name in ("node", "npm"):
        program(tmp_path / ".venv" / "bin" / name, "echo v22.1.0")
    assert doctor.node(tmp_path) == f"v22.1.0 ({tmp_path}/.venv/bin/node)"


def test_a_node_that_is_too_old_for_allures_own_gate_will_do_and_says_so(bare: Path, tmp_path: Path) -> None:
    for name in ("node", "npm"):
        program(bare / name, "echo v20.19.0")
    assert "; Allure's own quality gate needs Node.js 22 or newer, and fails under 20.19.0" in doctor.node(tmp_path)


def test_a_dashboard_that_is_not_built_or_older_than_its_sources_is_said(tmp_path: Path) -> None:
    page = tmp_path / "fixtures" / "dashboard"
    source, built = page / "src" / "main.tsx", page / "dist" / "index.html"
    for path in (source, built):
        path.parent.mkdir(parents=True)
        path.touch()
    os.utime(source, ns=(1, 1))
    assert doctor.dashboard(tmp_path) == "built (fixtures/dashboard/dist)"
    os.utime(built, ns=(0, 0))
    with pytest.raises(Lacking, match=r"^built before fixtures/dashboard/src/main.tsx was changed$"):
        doctor.dashboard(tmp_path)
    built.unlink()
    with pytest.raises(Lacking, match=r"^not built"):
        doctor.dashboard(tmp_path)


def test_a_loopback_that_gives_no_port_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    def bind(*_: object) -> None:
        raise OSError(errno.EADDRINUSE, "Address already in use")

    monkeypatch.setattr(socket.socket, "bind", bind)
    with pytest.raises(Lacking, match=r"no free port on 127\.0\.0\.1: Address already in use"):
        doctor.loopback()


def test_a_loopback_that_is_shut_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    def connect(*_: object, **__: object) -> socket.socket:
        raise OSError(errno.ECONNREFUSED, "Connection refused")

    monkeypatch.setattr(socket, "create_connection", connect)
    with pytest.raises(Lacking, match=r"listens and can't be reached: .*Connection refused"):
        doctor.loopback()


def test_a_folder_that_is_not_there_yet_is_judged_by_the_one_above(tmp_path: Path) -> None:
    assert doctor.writable(tmp_path / "reports" / "runs").startswith("writable, ")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_can_not_be_written_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "reports").touch()
    with pytest.raises(Lacking, match="is not a folder"):
        doctor.writable(tmp_path / "reports")

    def full(**_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(tempfile, "TemporaryFile", full)
    with pytest.raises(Lacking, match="No space left on device"):
        doctor.writable(tmp_path)


@pytest.mark.parametrize(("size", "found"), [(0, "no /dev/shm here"), (64, "64 MB, little: .*"), (2000, "2000 MB")])
def test_shared_memory_is_never_a_hindrance(size: int, found: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "shared_memory_mb", lambda: size)
    result = check("shared memory", doctor.shared_memory)
    assert result.ok
    assert result.found.startswith(found.removesuffix(".*"))
