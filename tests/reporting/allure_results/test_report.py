"""From pytest to Allure's report: what workers, crashes and parameters do to results, and what a browser opens."""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import playwright
import pytest

from harness.commands.exits import Exit
from harness.commands.report import main
from harness.launch.resources import Resources
from harness.reporting.allure_results import Results, missing, read, title
from harness.reporting.allure_results.build import (
    AllureError,
    Report,
    build,
    find_allure,
    offline,
    version_of,
    without_gate,
)
from tests.support.inner import ALONE

ROOT = Path(__file__).resolve().parents[3]

pytestmark = pytest.mark.slow

TESTS = """
import os
import allure
import pytest
from harness.reporting import sentences
from harness.reporting.allure import attach_run
from harness.reporting.terminal import paths
from harness.model.facts import TapTried
from tests.support.history import clean, of_kind
from tests.support.reported import judged, mismatch

pytestmark = pytest.mark.proves("P1")  # results of projects without scenarios are Allure's alone


def report(folder, history):
    (folder / "screenshots").mkdir()
    evidence, verdict = judged(history)
    attach_run(evidence, verdict, folder)
    return verdict


@allure.title("A title of its own")
def test_has_a_title():
    pass


def test_passes(tmp_path):
    assert report(tmp_path, clean()).answer == "passed"


def test_loses_events(tmp_path):
    verdict = report(tmp_path, mismatch())
    said = f"{verdict.answer}: <script>alert(1)</script> {sentences.verdict(verdict)}"
    pytest.fail("\\n".join([said, *paths(tmp_path)]), pytrace=False)


def test_is_not_seen(tmp_path):
    verdict = report(tmp_path, clean().without(of_kind(TapTried)))
    pytest.fail(f"{verdict.answer}: evidence is missing", pytrace=False)


class Thing:
    pass


@pytest.mark.parametrize("thing", [pytest.param(1, id="a"), pytest.param(1, id="b")])
def test_prints_alike(thing):
    pass


@pytest.mark.parametrize("thing", [Thing()])
def test_prints_its_address(thing):
    pass


@pytest.fixture
def broken_machine():
    assert False, "the fixture is wrong"


def test_is_not_set_up(broken_machine):
    pass


def test_is_skipped():
    pytest.skip("not here")


def test_kills_its_worker():
    os._exit(9)
"""


@dataclass(frozen=True)
class Made:
    """What a pytest run left, and how it ended."""

    folder: Path
    status: int
    output: str

    def by_name(self) -> dict[str, dict[str, Any]]:
        found = [json.loads(path.read_text("utf-8")) for path in self.folder.glob("*-result.json")]
        return {each["name"]: each for each in found}


def run_pytest(folder: Path, *options: str, tests: str = TESTS) -> Made:
    """A pytest run in a process of its own, with results in folder/results."""
    path = folder / "test_them.py"
    path.write_text(tests)
    argv = [sys.executable, "-m", "pytest", "-q", *ALONE, "-c", "/dev/null", f"--rootdir={folder}"]
    argv += [f"--alluredir={folder / 'results'}", f"--basetemp={folder / 'runs'}", *options, str(path)]
    done = subprocess.run(argv, cwd=ROOT, capture_output=True, text=True, check=False, timeout=120)
    return Made(folder / "results", done.returncode, done.stdout + done.stderr)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """Every kind of end that a test can have, in workers one of which crashes, into a folder that is cleaned first."""
    folder = tmp_path_factory.mktemp("made")
    (folder / "results").mkdir()
    (folder / "results" / "0-result.json").write_text("{}")
    return run_pytest(folder, "-n", "2", "--dist", "load", "--clean-alluredir")


@pytest.fixture(scope="module")
def results(made: Made) -> Results:
    return read([made.folder])


@pytest.fixture(scope="module")
def report(made: Made, tmp_path_factory: pytest.TempPathFactory) -> Report:
    folder = tmp_path_factory.mktemp("report")
    return build([made.folder], folder / "report", folder / "history.jsonl")


def test_a_crashed_worker_costs_no_results_and_leaves_one_of_its_own(made: Made, results: Results) -> None:
    found = made.by_name()
    assert len(found) == len(results.last) == 10, made.output
    assert found["Kills its worker"]["status"] == "broken"
    assert "crashed while running" in found["Kills its worker"]["statusDetails"]["message"]
    assert "" not in found, "what lay in the folder before is gone"


def test_failed_is_the_product_and_broken_the_harness(made: Made) -> None:
    status = {name: each["status"] for name, each in made.by_name().items()}
    assert status["Loses events"] == "failed"
    assert (status["Is not seen"], status["Is not set up"]) == ("broken", "broken")
    assert (status["Passes"], status["Is skipped"]) == ("passed", "skipped")


def test_titles_are_words(made: Made) -> None:
    assert {"Loses events", "Prints alike (a)", "Prints alike (b)", "A title of its own"} <= set(made.by_name())
    assert {label["value"] for label in made.by_name()["Passes"]["labels"] if label["name"] == "suite"} == {"Them"}
    assert title("tests/test_it.py::TestClass::test_one_CLI[a-b]@group") == "One CLI (a-b)"
    assert title("test_it.py::test") == "Test"


def test_no_path_of_this_machine_is_in_a_message(made: Made) -> None:
    details = made.by_name()["Loses events"]["statusDetails"]
    assert details["message"].startswith("failed: <script>") and details["trace"]
    assert str(made.folder.parent) not in details["message"] + details["trace"]


def test_each_test_is_in_one_group_so_that_sums_are_right(report: Report) -> None:
    tree = json.loads((report.page.parent / "widgets" / "tree.json").read_text("utf-8"))
    leaves = [leaf for group in tree["groupsById"].values() for leaf in group.get("leaves", [])]
    leaves += tree["root"].get("leaves", [])
    assert len(leaves) == len(set(leaves)) == report.tests


def test_causes_are_labels(made: Made) -> None:
    labels = {(each["name"], each["value"]) for each in made.by_name()["Loses events"]["labels"]}
    assert {("verdict", "failed"), ("cause", "room-mismatch"), ("hop", "routed")} <= labels


def test_pytest_counts_what_allure_counts(results: Results, report: Report) -> None:
    assert (missing(results), len(results.seen), report.tests) == ([], 10, 10)


def test_a_result_that_is_missing_is_noticed(made: Made, tmp_path: Path) -> None:
    for path in made.folder.glob("*.json"):
        if '"Passes"' not in path.read_text("utf-8") or path.name.endswith("-tally.json"):
            (tmp_path / path.name).write_bytes(path.read_bytes())
    (complaint,) = missing(read([tmp_path]))
    assert complaint.startswith("pytest ran ")
    assert complaint.endswith("test_them.py::test_passes, and Allure has no result of it")


def test_the_ids_are_the_same_in_every_run(made: Made, tmp_path_factory: pytest.TempPathFactory) -> None:
    again = run_pytest(tmp_path_factory.mktemp("again"), "-k", "prints", "-n", "0")
    ids = {name: each["historyId"] for name, each in again.by_name().items()}
    assert len(ids) == 3, again.output
    assert ids.items() <= {name: each["historyId"] for name, each in made.by_name().items()}.items()


def test_the_machine_and_who_ran_it_are_on_the_page(made: Made, report: Report) -> None:
    assert "playwright = " in (made.folder / "environment.properties").read_text()
    environment = json.loads((report.page.parent / "widgets" / "allure_environment.json").read_text())
    assert {"harness", "python", "browser"} <= {each["name"] for each in environment}


def test_categories_are_by_cause(report: Report) -> None:
    nodes = json.loads((report.page.parent / "widgets" / "categories.json").read_text("utf-8"))["nodes"].values()
    names = {each["name"] for each in nodes if each["type"] == "category"}
    assert names == {
        "Promises broken, by cause",
        "Evidence is missing: neither passed nor failed",
        "The worker crashed",
        "The harness or the machine broke",
    }
    assert any("room-mismatch" in (each["name"], each.get("value")) for each in nodes)


def test_history_says_what_is_new_regressed_and_fixed(tmp_path: Path) -> None:
    history, reports = tmp_path / "history.jsonl", dict[str, Report]()
    for name, body in (("first", "pass"), ("second", "assert False"), ("third", "pass")):
        folder = tmp_path / name
        folder.mkdir()
        made = run_pytest(folder, "-n", "0", f"--rootdir={folder}", tests=f"def test_it():\n    {body}\n")
        reports[name] = build([made.folder], folder / "report", history)
    found = {name: transition(each) for name, each in reports.items()}
    assert found == {"first": "new", "second": "regressed", "third": "fixed"}
    assert len(history.read_text().splitlines()) == 3


def transition(report: Report) -> object:
    (path,) = (report.page.parent / "data" / "test-results").glob("*.json")
    return json.loads(path.read_text("utf-8")).get("transition")


def test_the_single_file_opens_offline_and_asks_for_nothing(report: Report, harness_resources: Resources) -> None:
    context = harness_resources.browser.new_context(offline=True)
    try:
        page = context.new_page()
        asked: list[str] = []
        said: list[str] = []
        page.on("request", lambda request: asked.append(request.url.partition(":")[0]))
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.on("dialog", lambda dialog: said.append("a dialog"))
        page.goto(report.single.as_uri())
        page.get_by_text("Event stream harness").first.wait_for()
        page.get_by_text("reference").or_(page.get_by_text("written by hand")).first.wait_for()
    finally:
        context.close()
    assert said == []
    assert asked.count("file") == 1
    assert set(asked) <= {"file", "data", "blob"}


def test_no_page_of_the_report_names_a_place_to_load_from(report: Report) -> None:
    pages = list(report.page.parent.parent.rglob("index.html"))
    assert len(pages) == 3
    for page in pages:
        text = page.read_bytes()
        assert b"googletagmanager" not in text
        assert text.count(b"Content-Security-Policy") == 1


def test_a_page_without_a_head_is_not_let_through() -> None:
    with pytest.raises(AllureError, match="no <head>"):
        offline(b"<html><body></body></html>")


def test_a_failed_build_leaves_the_report_before_it(tmp_path: Path) -> None:
    (tmp_path / "report").mkdir()
    (tmp_path / "report" / "index.html").write_text("before")
    with pytest.raises(AllureError, match="made no report"):
        build([tmp_path / "nothing"], tmp_path / "report", tmp_path / "history.jsonl")
    assert [path.name for path in tmp_path.iterdir()] == ["report"]
    assert (tmp_path / "report" / "index.html").read_text() == "before"


def harness(*arguments: str) -> subprocess.CompletedProcess[str]:
    argv = [sys.executable, "-m", "harness", *arguments]
    return subprocess.run(argv, cwd=ROOT, capture_output=True, text=True, check=False, timeout=120)


def test_the_command_says_by_its_status_how_the_tests_ended(made: Made, tmp_path: Path) -> None:
    done = harness("report", str(made.folder), f"--output={tmp_path / 'r'}", f"--history={tmp_path / 'h'}")
    assert done.returncode == Exit.FAILED, done.stderr
    assert "tests:  10 (1 failed, 3 broken, 1 skipped, 5 passed)" in done.stdout


@pytest.fixture(scope="module")
def green(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The results of a run that passed."""
    return run_pytest(tmp_path_factory.mktemp("green"), "-n", "0", tests="def test_it():\n    pass\n").folder


def node_is(kind: str) -> str:
    """The machine's Node.js, or that of Playwright, which is a newer one."""
    beside = Path(playwright.__file__).parent / "driver"
    found = shutil.which("node", path=str(beside) if kind == "playwright's" else None)
    return found or pytest.skip("there is no such Node.js here")


@pytest.mark.parametrize("kind", ["the machine's", "playwright's"])
def test_allures_own_gate_takes_what_pytest_left_where_its_node_is_new_enough(
    made: Made, green: Path, tmp_path: Path, kind: str
) -> None:
    node = node_is(kind)

    def gate(results: Path) -> tuple[int, bool]:
        argv = [node, str(find_allure()), "quality-gate", "--max-failures", "0", str(results)]
        done = subprocess.run(argv, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=60)
        return done.returncode, "toArray is not a function" in done.stdout + done.stderr

    if without_gate(version_of(node)):
        assert (gate(green), gate(made.folder)) == ((1, True), (1, True)), "it is said that it can't"
    else:
        assert (gate(green), gate(made.folder)) == ((0, False), (1, False))


def test_a_report_says_what_allure_cannot_do_with_its_node(
    made: Made, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(
        "harness.commands.report.build", lambda *_: Report(tmp_path, tmp_path, 10, without_gate((20, 20, 2)))
    )
    main(argparse.Namespace(results=[made.folder], output=tmp_path, history=tmp_path))
    assert (
        "note:   Allure's own quality gate needs Node.js 22 or newer, and fails under 20.20.2"
        in capsys.readouterr().out
    )
    assert without_gate((22, 0, 0)) == without_gate((24, 1, 0)) == ""


def test_no_results_is_a_users_mistake(tmp_path: Path) -> None:
    done = harness("report", str(tmp_path))
    assert done.returncode == Exit.WRONG_USE
    assert "--alluredir" in done.stderr
