"""What pytest says of a scenario: the verdict as its message, the hops after -v, the properties in JUnit XML."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest

from harness.model import stated
from harness.model.facts import Fence
from harness.pytest_plugin.message import explain
from harness.reporting import sentences
from tests.support.history import clean, load, of_kind
from tests.support.inner import ALONE
from tests.support.reported import NASTY, judged, mismatch

ROOT = Path(__file__).parents[2]


def test_the_message_has_hops_and_cause_then_what_differs_then_paths(tmp_path: Path) -> None:
    (tmp_path / "run.html").touch()
    lines = explain(judged(mismatch())[1], tmp_path).splitlines()
    assert lines[0].startswith("emitted 4 → sent 4 → received 4 → routed 0 ✗")
    assert lines[1].startswith("failed: 4 of 4 events lost at routed")
    assert lines[2].startswith("cause: room-mismatch: ")
    differs = lines.index("what differs:")
    assert any(line.startswith("  remedy: ") for line in lines[3:differs])
    assert lines[differs + 1].startswith("  s/1, s/2, s/3 and 1 more: lost at routed for dashboard A, B: ")
    assert lines[-2:] == [f"page: {tmp_path}/run.html", f"run: {tmp_path}"]


def test_the_message_of_an_unknown_verdict_says_what_is_missing() -> None:
    verdict = judged(clean().without(of_kind(Fence, load("A"))))[1]
    assert "unknown: P12" in explain(verdict, Path("x"))


def test_the_message_is_short_and_harmless() -> None:
    verdict = judged(mismatch(NASTY))[1]
    lost = next(outcome for outcome in verdict.outcomes if outcome.kind == "lost")
    each_by_itself = tuple(
        replace(lost, finding=stated(f"{sentences.outcome(lost)} {number}")) for number in range(1000)
    )
    message = explain(replace(verdict, outcomes=each_by_itself), Path("x"))
    assert "  … and 980 more" in message
    assert set("\x00\x1b\u202e").isdisjoint(message)


INNER = '''
import types
import pytest
from harness.model import stated
from tests.support.history import clean
from tests.support.reported import judged, mismatch
from harness.pytest_plugin.scenario import Scenario
from harness.pytest_plugin.message import explain
from harness.reporting.document import run_object
from pathlib import Path

class Drawn(Scenario):
    """A scenario whose run is on paper."""
    is_judged = True
    def hand_over(self, *_): ...
    def __init__(self, history):
        evidence, verdict = judged(history)
        told = run_object(evidence, verdict, Path("x"), 1)
        self.judged = types.SimpleNamespace(evidence=evidence, verdict=verdict, folder=Path("runs/x"), document=told)
    def judge(self):
        return self.judged

@pytest.fixture
def scenario(request):
    return Drawn({"good": clean, "bad": mismatch}[request.param]())

@pytest.mark.parametrize("scenario", ["good", "bad"], indirect=True)
def test_it(scenario):
    verdict = scenario.judge().verdict
    if verdict.answer != "passed":
        pytest.fail(explain(verdict, Path("runs/x")), pytrace=False)

def test_plain():
    pass
'''


@pytest.mark.parametrize("workers", ["0", "2"])
def test_v_shows_hops_and_junit_has_properties(
    workers: str, pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setenv("COLUMNS", "200")
    pytester.makepyfile(INNER)
    result = pytester.runpytest_subprocess(
        *ALONE, "-v", "-n", workers, "--junitxml=junit.xml", "-o", "junit_family=xunit2"
    )
    result.assert_outcomes(passed=2, failed=1)
    result.stdout.fnmatch_lines_random(
        [
            "*PASSED*emitted 4 → sent 4 → received 4 → routed 4 → delivered 4 → applied 4 → rendered 4*",
            "*FAILED*routed 0 ✗*",
            "cause: room-mismatch*",
        ]
    )
    cases = {case.get("name"): case for case in ElementTree.parse(pytester.path / "junit.xml").iter("testcase")}
    told = {each.get("name"): each.get("value") for each in cases["test_it[bad]"].iter("property")}
    failed = cases["test_it[bad]"].find("failure")
    assert failed is not None
    hops, verdict = (failed.get("message") or "").splitlines()
    assert "routed 0 ✗" in hops and verdict.startswith("failed: 4 of 4 events lost at routed")
    assert told["harness.verdict"] == "failed"
    assert told["harness.cause"] == "room-mismatch"
    assert "P1 violated" in (told["harness.properties"] or "") and told["harness.run"]
    assert list(cases["test_plain"].iter("property")) == []


PLACE = """
def pytest_runtest_logreport(report):
    if report.failed:
        print("failed at", report.longrepr.reprcrash.path, report.longrepr.reprcrash.lineno)
"""


def test_a_failure_stands_at_the_line_of_the_test(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    pytester.makeconftest(PLACE)
    pytester.makepyfile(elsewhere="import pytest\n\ndef fail(told):\n    pytest.fail(told, pytrace=False)\n")
    file = pytester.makepyfile(INNER.replace("import pytest\n", "import elsewhere, pytest\n", 1))
    lines = file.read_text("utf-8").replace("pytest.fail(explain(verdict", "elsewhere.fail(explain(verdict")
    file.write_text(lines.replace(", pytrace=False", ""), "utf-8")
    asked = next(number for number, line in enumerate(lines.splitlines(), 1) if "elsewhere.fail(" in line)
    result = pytester.runpytest_subprocess(*ALONE, "-s", "-n", "0", "-k", "bad")
    result.stdout.fnmatch_lines([f"*failed at {file} {asked}"])


def test_without_v_nothing_is_added(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    pytester.makepyfile(INNER)
    result = pytester.runpytest_subprocess(*ALONE, "-n", "0", "-k", "good or plain")
    result.assert_outcomes(passed=2, deselected=1)
    assert "emitted" not in result.stdout.str()


def test_the_summary_of_ci_repeats_hops_and_verdict_only(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setenv("CI", "true")  # pytest shortens no message there
    pytester.makepyfile(INNER)
    result = pytester.runpytest_subprocess(*ALONE, "-n", "0", "-k", "bad")
    message, _, summary = result.stdout.str().partition("short test summary info")
    assert "remedy: " in message and "routed 0 ✗" in summary
    assert "remedy: " not in summary
    assert summary.count("routed 0 ✗") == 1
    assert "FAILED test_the_summary_of_ci_repeats_hops_and_verdict_only.py::test_it[bad] - " in summary


def test_what_happened_to_several_dashboards_alike_is_said_once() -> None:
    verdict = judged(mismatch())[1]
    lost = next(outcome for outcome in verdict.outcomes if outcome.kind == "lost")
    twice = (replace(lost, dashboard="A"), replace(lost, dashboard="B"))
    told = explain(replace(verdict, outcomes=twice, blame=verdict.blame * 2), Path("x"))
    assert "for dashboard A, B: " in told
    assert told.count("cause: room-mismatch") == 1
