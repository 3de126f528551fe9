"""The Allure report of a run, as Allure writes it: a test in a process of its own attaches runs."""

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

SCENARIO = """
from harness.model import Hop
from harness.model.facts import ActionTaken, StepBegun
from harness.reporting.allure import attach_run
from tests.support.history import at, clean
from tests.support.reported import judged, mismatch


def fill(folder):
    for name, data in (("logs/server.log", b"line"), ("logs/empty.log", b""), ("screenshots/A-after.png", b"png")):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(data)
    return folder


def test_passed(tmp_path):
    attach_run(*judged(clean()), fill(tmp_path))


def test_failed(tmp_path):
    history = mismatch()
    history.tell(StepBegun, "harness", name="the documented task runs")
    history.tell(ActionTaken, "harness", name="reload", dashboard="A")
    attach_run(*judged(history), fill(tmp_path))


def test_blind(tmp_path):
    taps = tuple(hop for hop in Hop if hop is not Hop.APPLIED)
    attach_run(*judged(clean().without(at(Hop.APPLIED)).promising(taps=taps, properties=("P3",))), tmp_path)


def test_burst(tmp_path):
    (tmp_path / "ledger.jsonl").write_text("0123456789" * 100_000)

    attach_run(*judged(clean()), fill(tmp_path))


def test_range(tmp_path):
    taps = tuple(hop for hop in Hop if hop is not Hop.ROUTED)
    attach_run(*judged(mismatch().without(at(Hop.ROUTED)).promising(taps=taps)), tmp_path)
"""


def write(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """Run the scenario's tests."""
    path = folder / "test_scenario.py"
    path.write_text(SCENARIO)
    argv = [sys.executable, "-m", "pytest", "-q", *ALONE, "-c", "/dev/null", "-W", "error"]
    argv += [f"--rootdir={folder}", f"--basetemp={folder / 'runs'}", *options, str(path)]
    return subprocess.run(argv, cwd=ROOT, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, dict[str, Any]]:
    """Test name to what Allure wrote of it."""
    folder = tmp_path_factory.mktemp("allure")
    done = write(folder, f"--alluredir={folder / 'results'}")
    assert done.returncode == 0, done.stdout + done.stderr
    found = [json.loads(path.read_text()) for path in (folder / "results").glob("*-result.json")]
    return {each["name"]: each for each in found}


def steps(result: Mapping[str, Any]) -> dict[str, str]:
    return {step["name"]: step["status"] for step in result["steps"]}


def labels(result: Mapping[str, Any], name: str) -> list[str]:
    return [each["value"] for each in result["labels"] if each["name"] == name]


def test_each_hop_is_a_step_and_the_broken_one_failed(results: Mapping[str, dict[str, Any]]) -> None:
    hops = ["emitted: 4", "sent: 4", "received: 4", "routed: 0", "delivered: 0", "applied: 0", "rendered: 0"]
    found = steps(results["test_failed"])
    assert [name for name in found if name.partition(":")[0] in {hop.partition(":")[0] for hop in hops}] == hops
    assert [name for name, status in found.items() if status == "failed"] == ["routed: 0"]
    assert set(steps(results["test_passed"]).values()) == {"passed"}


def test_what_the_run_did_is_the_first_step(results: Mapping[str, dict[str, Any]]) -> None:
    (first, *_) = results["test_failed"]["steps"]
    assert first["name"] == "the run: 2 steps"
    assert [each["name"] for each in first["steps"]] == ["the documented task runs", "reload A"]
    assert not any(each["name"].startswith("the run") for each in results["test_passed"]["steps"])


def test_a_large_text_is_packed(results: Mapping[str, dict[str, Any]]) -> None:
    files = {each["name"]: each["type"] for each in results["test_burst"]["attachments"]}
    assert files["ledger.jsonl.gz"] == "application/gzip" and "ledger.jsonl" not in files
    assert files["logs/server.log"] == "text/plain"


def test_a_range_of_hops_is_blamed_as_one(results: Mapping[str, dict[str, Any]]) -> None:
    assert "routed to delivered" in labels(results["test_range"], "hop")


def test_a_blind_hop_is_skipped(results: Mapping[str, dict[str, Any]]) -> None:
    assert steps(results["test_blind"])["applied: no tap"] == "skipped"


def test_violated_properties_are_failed_steps(results: Mapping[str, dict[str, Any]]) -> None:
    (group,) = [step for step in results["test_failed"]["steps"] if step["name"].startswith("properties: ")]
    status = {step["name"].partition(",")[0]: step["status"] for step in group["steps"]}
    assert (status["P1"], status["P2"], status["R1"]) == ("failed", "passed", "failed")
    assert "P7" not in status  # it was not exercised


def test_a_step_decides_nothing_about_its_test(results: Mapping[str, dict[str, Any]]) -> None:
    assert {result["status"] for result in results.values()} == {"passed"}


def test_labels_say_target_strategy_properties_and_severity(results: Mapping[str, dict[str, Any]]) -> None:
    result = results["test_passed"]
    assert (labels(result, "epic"), labels(result, "feature")) == (["written by hand"], ["broadcast"])
    assert "P1: no loss" in labels(result, "story")
    assert labels(result, "severity") == ["critical"]
    assert labels(results["test_blind"], "severity") == ["normal"]


def test_the_files_of_the_run_are_attached(results: Mapping[str, dict[str, Any]]) -> None:
    found = {each["name"]: each["type"] for each in results["test_failed"]["attachments"]}
    assert found == {
        "report.md": "text/markdown",
        "run.html": "text/html",
        "hops.svg": "image/svg+xml",
        "sequence.svg": "image/svg+xml",
        "screenshots/A-after.png": "image/png",
        "logs/server.log": "text/plain",
    }


def test_without_allure_nothing_is_written_and_nothing_breaks(tmp_path: Path) -> None:
    done = write(tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert not (tmp_path / "results").exists()
