"""A scenario that breaks off: what its record says is told, and Allure has it; errors come without our tracebacks."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.support.inner import ALONE

ROOT = Path(__file__).resolve().parents[2]

TESTS = """
import pytest

from harness.run.workloads._items import first_half

MISMATCH = pytest.mark.proves("P1", strategies=["broadcast"], routing="room-mismatch")
HEALTHY = pytest.mark.proves("P1", strategies=["broadcast"])


def documented(run):
    run.open_dashboards("A")
    run.do("main", run.main).finish()


@MISMATCH
def test_waits_in_vain(run):
    documented(run)
    run.winner([])


@MISMATCH
def test_asserts(run):
    documented(run)
    assert "ten events" == "no events"


@HEALTHY
def test_is_wrong_itself(run):
    documented(run)
    assert "mine" == "wrong"


@MISMATCH
def test_breaks_off_while_a_cli_is_at_work(run):
    run.open_dashboards("A")
    run.pipe("main").publish(first_half())
    assert "too" == "soon"
"""


def run_pytest(folder: Path, *options: str) -> str:
    """What pytest says of these scenarios."""
    path = folder / "test_them.py"
    path.write_text(TESTS)
    argv = [sys.executable, "-m", "pytest", *ALONE, "-c", "/dev/null", f"--rootdir={folder}"]
    argv += [f"--basetemp={folder / 'runs'}", *options, str(path)]
    return subprocess.run(argv, cwd=ROOT, capture_output=True, text=True, check=False, timeout=180).stdout


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> tuple[Mapping[str, str], Mapping[str, dict[str, Any]]]:
    """By test: what pytest says of its failure, and what Allure wrote."""
    folder = tmp_path_factory.mktemp("scenarios")
    said = run_pytest(folder, f"--alluredir={folder / 'results'}").partition("= FAILURES =")[2]
    assert "4 failed" in said
    written = [json.loads(path.read_text()) for path in (folder / "results").glob("*-result.json")]
    results = {each["fullName"].rpartition("#")[2].partition("[")[0]: each for each in written}
    failures = said.partition("short test summary")[0]
    heads = sorted(results, key=lambda name: failures.index(f" {name}[broadcast] "))
    ends = [failures.index(f" {name}[broadcast] ") for name in heads]
    return {name: failures[a:b] for name, a, b in zip(heads, ends, [*ends[1:], None], strict=True)}, results


pytestmark = pytest.mark.slow


@pytest.mark.parametrize("name", ["test_waits_in_vain", "test_asserts"])
def test_a_lost_event_is_told_after_the_error_that_it_led_to(name: str, told: Any) -> None:
    said, results = told
    _, _, record = said[name].partition("- what the record says -")
    assert "emitted 10 → sent 10 → received 10 → routed 0 ✗" in record
    assert "cause: room-mismatch" in record and "/run.html" in record
    message = results[name]["statusDetails"]["message"]
    assert message.startswith("emitted 10 → ") and "\nthe test broke off:\n" in message
    assert results[name]["status"] == "failed", "the record proves that it is the product"
    assert {"name": "cause", "value": "room-mismatch"} in results[name]["labels"]
    assert {"name": "routed: 0", "status": "failed"}.items() <= results[name]["steps"][3].items()
    files = {each["name"] for each in results[name]["attachments"]}
    assert {"run.html", "run.ledger", "screenshots/A-failed.png"} <= files, "at the test, and not at its tear-down"


@pytest.mark.parametrize("name", ["test_is_wrong_itself", "test_breaks_off_while_a_cli_is_at_work"])
def test_nothing_is_told_where_the_record_proves_nothing(name: str, told: Any) -> None:
    said, results = told
    assert "AssertionError" in said[name] and "what the record says" not in said[name]
    assert "emitted" not in results[name]["statusDetails"]["message"]


def test_an_error_of_ours_is_shown_at_the_line_of_the_test(told: Any) -> None:
    said, _ = told
    error, _, _ = said["test_waits_in_vain"].partition("- what the record says -")
    assert "run.winner([])" in error
    assert "RunError: " in error
    assert "harness/run/run.py" not in error and "def winner" not in error


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="elsewhere there always is a display")
def test_a_machine_that_lacks_something_says_so_and_no_more(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    said = run_pytest(tmp_path, "--headed", "-k", "asserts").partition("ERROR at setup of")[2]
    _, message, _ = said.split("\n", 1)[1].partition("a headed browser needs a display, and there is none.\n")
    assert message and "Traceback" not in said and "harness/" not in said.partition("= short test summary")[0]
