"""The job's summary and annotations: ranked, within their limits, and inert."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import pytest

from harness.commands.exits import Exit
from harness.reporting.allure_results import Place, Result, Results, collect, history_id, missing, plain, read
from harness.reporting.allure_results.summary import MOST_ANNOTATIONS, github_annotations, markdown, ranked
from tests.support.reported import NASTY, tokens


def result(name: str, status: str = "passed", cause: str = "", message: str = "", started: float = 0) -> Result:
    labels = {"verdict": (status,), "cause": (cause,), "hop": ("routed",)} if cause else {}
    return Result(history_id(name), name, f"scenarios.x#{name}", status, message, labels, started, 1.5)


def results(*every: Result, places: Iterable[str] = (), seen: Iterable[str] = ()) -> Results:
    where = {history_id(name): Place(f"scenarios/test_{name}.py", 7) for name in places}
    return collect(every, {history_id(name): name for name in seen}, where)


def mixed() -> Results:
    return results(
        result("machine", "broken", message="BrowserMissing: none"),
        result("lonely", "failed", "handler-raises", "Failed: failed: one lost"),
        result("first", "failed", "room-mismatch", "Failed: failed: 10 of 10 lost\nemitted 10 → routed 0 ✗"),
        result("second", "failed", "room-mismatch", "Failed: failed: 5 of 5 lost"),
        result("good"),
    )


def test_the_product_before_the_machine_and_the_cause_of_most_first() -> None:
    assert [each.name for each in ranked(mixed())] == ["first", "second", "lonely", "machine"]


def test_the_summary_counts_and_names_causes() -> None:
    text = markdown(mixed())
    assert text.startswith("# Event streams: 3 ❌ failed, 1 💥 broken, 1 ✅ passed\n")
    assert "| ❌ failed | room-mismatch | routed | 2 | failed: 10 of 10 lost |" in text
    assert "emitted 10 → routed 0 ✗" in text
    assert text.index("room-mismatch") < text.index("handler-raises") < text.index("no cause named")


def test_a_failure_is_headed_by_what_tells_it_from_all_others() -> None:
    bad = result("first", "failed", "room-mismatch", "Failed: failed: 10 of 10 lost")
    assert "### ❌ failed scenarios.x#first (1.5 s)" in markdown(results(bad))
    seen = {history_id("first"): "scenarios/x.py::first[broadcast] on shop"}
    assert "### ❌ failed scenarios/x.py::first\\[broadcast\\] on shop (1.5 s)" in markdown(collect([bad], seen, {}))


def test_one_scenario_against_two_systems_is_two_tests(tmp_path: Path) -> None:
    for system in ("shop", "bank", ""):
        test = history_id("x.py::t", system)
        written = {"uuid": test, "historyId": test, "name": "t", "fullName": "x#t", "status": "failed"}
        (tmp_path / f"{system}-result.json").write_text(json.dumps(written))
        tally = {"system": system, "tests": {"x.py::t": ["x.py", 3]}}
        (tmp_path / f"{system}-tally.json").write_text(json.dumps(tally))
    found = read([tmp_path])
    assert {found.name(each) for each in found.last} == {"x.py::t", "x.py::t on shop", "x.py::t on bank"}
    assert (missing(found), set(found.attempts.values()), len(found.places)) == ([], {1}, 3)


def test_all_passed_is_one_line() -> None:
    assert markdown(results(result("good"))) == "# Event streams: 1 ✅ passed\n"


@pytest.mark.parametrize("limit", [2_000, 10_000])
def test_the_summary_keeps_its_limit_and_says_what_it_left_out(limit: int) -> None:
    text = markdown(results(*(result(f"t{n}", "failed", "room-mismatch", "ä" * 700) for n in range(50))), limit)
    assert len(text.encode()) <= limit
    left = re.search(r"… and (\d+) more", text)
    assert left is not None
    assert int(left[1]) == 50 - text.count("\n### ")


def test_flaky_and_missing_are_said() -> None:
    tries = (result("wobbly", "failed", started=1), result("wobbly", "passed", started=2))
    text = markdown(results(*tries, seen=("wobbly", "gone")))
    assert "1 ✅ passed" in text
    assert "**Flaky** (attempts ended differently): wobbly" in text
    assert "**Incomplete**: pytest ran gone, and Allure has no result of it." in text


def test_hostile_text_stays_text() -> None:
    found = tokens(markdown(results(result(NASTY, "failed", NASTY, NASTY))))
    assert {token.type for token in found} & {"html_block", "html_inline", "image", "link_open"} == set()


def test_annotations_stand_at_their_tests_ranked_and_at_most_ten() -> None:
    lines = github_annotations(mixed_with_place())
    assert lines[0] == (
        "::error file=scenarios/test_first.py,line=7,title=failed%3A room-mismatch::first: failed: 10 of 10 lost"
        "%0Aemitted 10 → routed 0 ✗"
    )
    assert "title=broken%3A machine" in lines[-1]
    many = github_annotations(results(*(result(f"t{n}", "failed", "c", "m") for n in range(30))))
    assert len(many) == MOST_ANNOTATIONS
    assert many[-1] == "::error::and 21 tests more did not pass: see the job's summary"


def mixed_with_place() -> Results:
    found = mixed()
    return collect(found.last, {}, {history_id("first"): Place("scenarios/test_first.py", 7)})


def test_a_message_can_not_be_a_command_of_its_own() -> None:
    (line,) = github_annotations(results(result("x", "failed", "a,b::c", "\r\n::set-env name=A::1 100%")))
    assert "\n" not in line
    assert "\r" not in line
    assert "title=failed%3A a%2Cb%3A%3Ac::" in line
    assert line.endswith("100%25")


@pytest.mark.parametrize(
    ("node", "expected"),
    [
        ("t.py::test[a]@group", "t.py::test[a]"),
        ("t.py::test@group", "t.py::test"),
        ("t.py::test[a@b]", "t.py::test[a@b]"),
        ("a@b/t.py::test", "a@b/t.py::test"),
    ],
)
def test_the_group_of_a_node_id_is_not_part_of_it(node: str, expected: str) -> None:
    assert plain(node) == expected


def test_the_command_appends(tmp_path: Path) -> None:
    (tmp_path / "1-result.json").write_text(
        '{"uuid": "u", "historyId": "h", "name": "n", "status": "failed", "statusDetails": {"message": "Failed: m"}}'
    )
    page = tmp_path / "summary.md"
    page.write_text("before\n")
    argv = [sys.executable, "-m", "harness", "summary", str(tmp_path), "--append", str(page), "--annotate"]
    done = subprocess.run(argv, capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stdout) == (Exit.AS_PROMISED, "::error title=failed%3A n::n: m\n")
    assert page.read_text().startswith("before\n# Event streams: 1 ❌ failed\n")
