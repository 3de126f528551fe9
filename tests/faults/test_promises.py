"""The table of promises: whole, and its cells kept; a sample of them here, all of them by `make faults`."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from harness.faults import faults, lasting, strikes
from harness.faults.promises import PROMISES, STRATEGIES
from harness.judge.strategies import strategies
from harness.launch.resources import Resources
from harness.model.facts import Faulted, Phase
from harness.selftest.survival.__main__ import main
from harness.selftest.survival.outcome import PartError, Survived, merged, read_part
from harness.selftest.survival.page import markdown
from harness.selftest.survival.playing import play_once, quickened
from harness.target.reference import reference

QUICK_S = 0.4
PATIENT = {"upgrade-under-load": 40.0}
"""What waits for something, and is over when that is there, has so long: on a loaded machine it takes seconds."""

SAMPLE = [
    ("broadcast", "cut-dashboard"),
    ("subscription", "half-open"),
    ("auto-discovery", "server-killed"),
    ("single-session", "closed-tab"),
    ("single-session", "disk-full"),
    ("subscription", "upgrade-under-load"),
]
"""One fault of each kind."""


def test_every_strategy_promises_something_under_every_fault_in_mid_run() -> None:
    known = faults().items()
    assert set(PROMISES) == {name for name, fault in known if strikes(fault) and not hasattr(fault, "needs")}
    assert set(STRATEGIES) == set(strategies())
    assert all(set(promises) == set(STRATEGIES) for promises in PROMISES.values())
    assert not {name for name in lasting() if name in PROMISES}


@pytest.mark.parametrize(("strategy", "name"), SAMPLE, ids=lambda each: str(each))
def test_what_is_promised_is_kept(
    strategy: str, name: str, harness_resources: Resources, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HARNESS_RUNS", str(tmp_path))
    fault = quickened(faults()[name], QUICK_S)
    if name in PATIENT:
        fault = replace(fault, for_s=PATIENT[name])  # type: ignore[type-var]
    played = play_once(reference(), strategy, fault, 1, harness_resources)
    assert played.outcome().broken(PROMISES[name][strategy]) == []
    assert played.judged is not None and played.recovery is not None
    told = played.judged.evidence.facts(Faulted)
    phases = [Phase.BEGAN, Phase.HEALED] if name == "closed-tab" else [*Phase]
    assert [fact.body.phase for fact in told] == phases
    assert all(any(observer.startswith("server") for observer in fact.body.after) for fact in told)
    assert played.recovery.strike.keys, "something was at risk"
    report = played.judged.report.read_text("utf-8")
    assert f"`{name}` struck" in report and "**Safety**, while it was on: nothing wrong" in report


def test_a_cell_that_is_not_kept_is_told_with_its_seed() -> None:
    played = Survived("reload", "broadcast", 7, "error", 0, 0, 0, None, 60, "RunError: the page did not come back")
    page = "\n".join(markdown([played]))
    assert "1 runs in 1 min; seeds 7 to 7." in page
    assert "- reload, broadcast, seed 7: the harness broke: RunError: the page did not come back" in page
    assert "| reload | broadcast | 1 | 0 | 0 | 0 | 0 |" in page


def test_faults_are_made_shorter_and_never_longer() -> None:
    cut: Any = faults()["cut-dashboard"]
    assert quickened(cut, 0.4) == replace(cut, for_s=0.4)
    assert quickened(cut, 60) is cut
    assert quickened(faults()["reload"], 0.1) is faults()["reload"]


KEPT = Survived("reload", "broadcast", 7, "passed", 0, 0, 0, 0.25, 6)


def test_a_campaign_in_parts_is_one_page(tmp_path: Path) -> None:
    one, other, table = tmp_path / "one", tmp_path / "other", tmp_path / "table.md"
    broke = replace(KEPT, seed=8, answer="error", recovered_s=None, why="it broke")
    one.write_text(f"{KEPT.line()}\n{broke.line()}\n")
    assert read_part(one) == [KEPT, broke]
    assert read_part(other) == []
    other.write_text(replace(broke, answer="passed", recovered_s=0.5, why="").line() + "\n")
    assert main(["--merge", str(one), str(other), "--table", str(table)]) == 0
    assert "| reload | broadcast | 2 | 2 | 0 | 0 | 0 | 0.50, 0.50 |" in table.read_text()
    assert main(["--merge", str(one)]) == 1, "a run that broke does not keep a promise"
    again = ["--part", str(one), "--fault", "reload", "--first", "7", "--seeds", "0"]
    assert main(again) == 1, "nor is it played again until its line is removed"
    assert [each.seed for each in merged([one, other])] == [7, 8]


@pytest.mark.parametrize(
    "line",
    ["{", "5", "{}", "[" * 100_000, KEPT.line().replace("0,", "true,", 1), KEPT.line().replace("reload", "x")],
    ids=["torn", "a number", "empty", "deep", "of another type", "of another fault"],
)
def test_a_line_that_is_not_an_outcome_is_told_with_its_place(
    line: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    part = tmp_path / "part"
    part.write_text(f"{KEPT.line()}\n{line}\n")
    with pytest.raises(PartError, match="part, line 2: "):
        read_part(part)
    with pytest.raises(SystemExit) as ended:
        main(["--merge", str(part)])
    assert ended.value.code == 2
    assert len(capsys.readouterr().err.splitlines()) == 1
