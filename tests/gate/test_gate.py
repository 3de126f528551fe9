"""The gate: each way of being worse than accepted is found and nothing else; the known is excused until its day."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from harness.__main__ import main
from harness.commands.exits import Exit
from harness.gate.baseline import Baseline, Known, accept, parsed, written
from harness.gate.comparison import Comparison, Weight, compare
from harness.gate.observed import GateError, Observed, observe
from harness.gate.rules import RULES, WITHOUT_A_PAIR
from harness.judging import Judged
from harness.lib.documents import Node
from harness.locations import RUNS_SETTING
from harness.model import Hop
from harness.record.ledger import FORMER_FILE, exported, find
from harness.reporting.document import document, run_object
from tests.support.history import History, at, clean
from tests.support.reported import judged, mismatch

RUN = "reference/broadcast"
TODAY = date(2026, 3, 1)
HOPS = {"emitted": 10, "delivered": 10, "rendered": None}
GOOD = Observed("passed", HOPS, {"emitted": "alive", "rendered": "none"}, {"P1": "proven", "P7": "not exercised"}, {})


def compared(*now: Observed, known: tuple[Known, ...] = (), accepted: Observed = GOOD) -> Comparison:
    return compare(Baseline({RUN: accepted}, known), {RUN: list(now)}, TODAY)


def found(*now: Observed, accepted: Observed = GOOD) -> list[tuple[str, str, Weight]]:
    return [(each.rule, each.what, each.weight) for each in compared(*now, accepted=accepted).findings]


def excuse(until: str = "2026-03-01", **more: str) -> Known:
    return Known(RUN, date.fromisoformat(until), "the ticket says so", **more)


WORSE = {
    "verdict": (replace(GOOD, verdict="failed", causes=("room-mismatch",)), "failed", Weight.WORSE),
    "loss": (replace(GOOD, outcomes={"lost": 1}), "lost", Weight.WORSE),
    "order": (replace(GOOD, outcomes={"reordered": 1}), "reordered", Weight.WORSE),
    "slow": (replace(GOOD, outcomes={"late": 1}), "late", Weight.WORSE),
    "broken": (replace(GOOD, outcomes={"duplicated": 1}), "duplicated", Weight.WORSE),
    "fewer": (replace(GOOD, hops={**HOPS, "delivered": 9}), "delivered", Weight.WORSE),
    "unproven": (replace(GOOD, properties={"P1": "violated"}), "P1", Weight.WORSE),
    "blind": (replace(GOOD, taps={"emitted": "in doubt", "rendered": "none"}), "emitted", Weight.UNKNOWN),
}


@pytest.mark.parametrize("rule", RULES)
def test_each_rule_finds_its_own_and_only_that(rule: str) -> None:
    now, what, weight = WORSE[rule]
    assert found(now) == [(rule, what, weight)]
    assert found(GOOD) == []


@pytest.mark.parametrize("kind", ["lost", "reordered", "late", "leaked"])
def test_what_was_accepted_is_not_worse_and_less_is_fine(kind: str) -> None:
    accepted = replace(GOOD, outcomes={kind: 2})
    assert found(replace(GOOD, outcomes={kind: 2}), accepted=accepted) == []
    assert found(GOOD, accepted=accepted) == []
    assert len(found(replace(GOOD, outcomes={kind: 3}), accepted=accepted)) == 1


@pytest.mark.parametrize("properties", [{"P1": "unproven"}, {"P1": "not exercised"}, {}])
def test_missing_evidence_is_unknown_and_not_worse(properties: dict[str, str]) -> None:
    comparison = compared(replace(GOOD, verdict="unknown", properties=properties, taps={}))
    assert {each.rule for each in comparison.findings} == {"verdict", "unproven", "blind"}
    assert (comparison.is_worse, comparison.is_unknown) == (False, True)


def test_undetermined_breaks_no_promise_and_a_blind_hop_has_no_fewer_events() -> None:
    assert found(replace(GOOD, outcomes={"undetermined": 3}, hops={**HOPS, "delivered": None})) == []


def test_passed_on_retry_is_flaky_and_the_failure_still_counts() -> None:
    comparison = compared(replace(GOOD, verdict="failed", outcomes={"lost": 2}), GOOD)
    assert [each.rule for each in comparison.findings] == ["verdict", "loss", "flaky"]
    assert comparison.findings[1].detail == "2 lost, 0 accepted (in 1 of 2 runs)"
    assert comparison.findings[2].detail.endswith("failed 1, passed 1")
    assert comparison.is_worse
    assert found(GOOD, GOOD) == []


def test_a_run_that_is_missing_or_was_never_accepted_is_found() -> None:
    comparison = compare(Baseline({RUN: GOOD}), {"reference/new": [GOOD]}, TODAY)
    assert [(each.rule, each.run) for each in comparison.findings] == [
        ("missing", RUN),
        ("unaccepted", "reference/new"),
    ]
    assert comparison.is_worse


def test_a_known_failure_is_excused_to_its_last_day_and_fails_after_it() -> None:
    lost = replace(GOOD, outcomes={"lost": 1})
    held, over = (
        compared(lost, known=(excuse(rule="loss"),)),
        compared(lost, known=(excuse("2026-02-28", rule="loss"),)),
    )
    assert ([each.weight for each in held.findings], held.is_worse) == ([Weight.KNOWN], False)
    assert ([each.weight for each in over.findings], over.is_worse) == ([Weight.EXPIRED], True)
    assert over.findings[0].why == "2026-02-28: the ticket says so"


def test_what_follows_from_broken_promises_is_excused_with_all_of_them() -> None:
    less = {"emitted": 10, "delivered": 9, "rendered": None}
    bad = replace(GOOD, verdict="failed", outcomes={"lost": 1}, properties={"P1": "violated"}, hops=less)
    known = (excuse(rule="loss"),)
    assert {each.rule for each in compared(bad, known=known).findings} == {"verdict", "loss", "fewer", "unproven"}
    assert not compared(bad, known=known).is_worse
    assert compared(bad, known=(excuse("2026-02-28", rule="loss"),)).is_worse, "it has expired"
    assert compared(replace(bad, outcomes={"lost": 1, "late": 1}), known=known).is_worse, "the other is not excused"
    assert compared(replace(bad, hops={**less, "emitted": 9}), known=known).is_worse, "the test asked for less"
    assert compared(replace(bad, outcomes={}), known=known).is_worse, "it follows from nothing that is excused"


def test_a_known_cause_excuses_all_that_it_brings_but_no_other_cause() -> None:
    bad = replace(
        GOOD, verdict="failed", outcomes={"lost": 1}, properties={"P1": "violated"}, causes=("room-mismatch",)
    )
    known = (excuse(cause="room-mismatch"),)
    assert not compared(bad, known=known).is_worse
    assert compared(replace(bad, causes=("room-mismatch", "refused")), known=known).is_worse
    assert compared(replace(bad, causes=()), known=known).is_worse


@pytest.mark.parametrize("more", [{"rule": "order"}, {"rule": "loss", "what": "leaked"}, {"cause": "refused"}])
def test_what_a_known_failure_is_not_about_stands(more: dict[str, str]) -> None:
    comparison = compared(replace(GOOD, outcomes={"lost": 1}), known=(excuse(**more),))
    assert comparison.is_worse
    assert len(comparison.needless) == 1


def test_a_baseline_reads_back_and_accepting_keeps_known_failures_and_other_runs() -> None:
    baseline = Baseline({RUN: GOOD}, (excuse(rule="loss", what="lost"), excuse(cause="refused")))
    assert parsed(written(baseline), "x") == baseline
    after = accept({"reference/new": [GOOD, replace(GOOD, verdict="failed")]}, baseline)
    assert list(after.runs) == [RUN, "reference/new"]
    assert after.runs["reference/new"].verdict == "failed"
    assert after.known == baseline.known


def known(**entry: str) -> str:
    """A baseline's text with one known failure."""
    return json.dumps({"schema": 1, "runs": {}, "known": [entry]})


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("{", "is not a baseline"),
        ("[]", "is not a baseline"),
        ('{"schema": 2}', "schema 2; this harness reads 1"),
        ('{"schema": 1, "runs": {"a": {}}, "known": []}', "is not a baseline"),
        (known(run="a"), "lacks until, why"),
        (known(run="a", until="2026-01-01", why="b"), "lacks rule or cause"),
        (known(run="a", rule="loss", until="soon", why="b"), "a date is wanted"),
        (known(run="a", rule="loss", until="2026-01-01", why="b", iff="c"), "has iff"),
    ],
)
def test_a_wrong_baseline_is_refused_with_the_place(text: str, complaint: str) -> None:
    with pytest.raises(GateError, match=complaint):
        parsed(text, "x.json")


def output(history: History, path: Path) -> Path:
    """The JSON output of a run."""
    path.write_text(
        json.dumps(document([run_object(*judged(history.promising(target="reference")), Path("run"), 1.0)])),
        encoding="utf-8",
    )
    return path


def gate(*arguments: Any) -> int:
    return main(["gate", *map(str, arguments)])


def test_the_command_accepts_passes_and_fails(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    good, bad = output(clean(), tmp_path / "good.json"), output(mismatch(), tmp_path / "bad.json")
    baseline = ("--baseline", tmp_path / "baseline.json")
    assert gate(good, *baseline) == Exit.WRONG_USE
    assert "--accept" in capsys.readouterr().err
    assert gate(good, *baseline, "--accept") == Exit.AS_PROMISED
    assert gate(good, *baseline) == Exit.AS_PROMISED
    capsys.readouterr()
    assert gate(bad, *baseline) == Exit.FAILED
    told = capsys.readouterr().out
    assert "✗ reference/broadcast: verdict: passed before, failed now: room-mismatch\n" in told
    assert "✗ reference/broadcast: loss: 8 lost, 0 accepted\n" in told
    assert "✗ reference/broadcast: fewer: 0 events delivered, 4 before\n" in told
    assert told.splitlines()[-1].startswith("gate: worse than accepted (")
    assert gate(good, bad, *baseline) == Exit.FAILED
    assert "flaky" in capsys.readouterr().out


def test_the_command_says_unknown_for_a_tap_gone_blind(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    baseline = ("--baseline", tmp_path / "baseline.json")
    gate(output(clean(), tmp_path / "good.json"), *baseline, "--accept")
    taps = tuple(hop for hop in Hop if hop is not Hop.APPLIED)
    blind = output(clean().without(at(Hop.APPLIED)).promising(taps=taps), tmp_path / "blind.json")
    assert gate(blind, *baseline) == Exit.UNKNOWN
    assert (
        "? reference/broadcast: blind: the tap of hop applied was alive, and is gone now\n" in capsys.readouterr().out
    )


def test_the_command_reads_run_folders_and_refuses_others(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run = tmp_path / "run"
    run.mkdir()
    (run / "verdict.json").write_text(json.dumps(run_object(*judged(clean()), run, 1.0)))
    baseline = ("--baseline", tmp_path / "baseline.json")
    assert gate(run, *baseline, "--accept") == gate(run, *baseline) == Exit.AS_PROMISED
    (run / "verdict.json").write_text('{"schema": 1}')
    for path in (run, tmp_path / "absent.json"):
        assert gate(path, *baseline) == Exit.WRONG_USE
    (run / "verdict.json").unlink()
    for path, complaint in (
        (run, "has no verdict.json: it is not the folder of a run"),
        (tmp_path / "absent.json", "absent.json is not the folder of a run"),
    ):
        assert gate(path, *baseline) == Exit.WRONG_USE
        assert complaint in capsys.readouterr().err
    find(run).write_bytes(b"")
    assert gate(run, *baseline) == Exit.WRONG_USE
    assert "broken off before its verdict" in capsys.readouterr().err
    with pytest.raises(GateError, match="x: at verdict: a text is missing here: this is not the JSON output"):
        observe([Node({"target": "a", "strategy": "b"}, "x")])
    with pytest.raises(GateError, match="an output of `harness verify`, and no baseline"):
        parsed('{"schema": 1, "runs": []}', "x")


def test_a_stored_run_is_named_as_all_commands_name_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(RUNS_SETTING, str(tmp_path))
    run = tmp_path / "broadcast-1"
    run.mkdir()
    (run / FORMER_FILE).write_text("".join(exported(clean().ledger())))
    (run / "verdict.json").write_text(json.dumps(run_object(*judged(clean()), run, 1.0)))
    baseline = ("--baseline", tmp_path / "baseline.json")
    assert gate("last", *baseline, "--accept") == gate("broadcast-1", *baseline) == Exit.AS_PROMISED


def test_repeats_that_went_differently_are_in_the_json_output() -> None:
    runs = [
        run_object(*judged(history.promising(target="reference")), Path("run"), 1.0)
        for history in (clean(), mismatch(), clean())
    ]
    assert document(runs)["flaky"] == {"reference/broadcast": "passed 2, failed 1"}
    assert document(runs)["verdict"] == "failed"
    assert document(runs[:1])["flaky"] == {}


def test_every_rule_is_documented() -> None:
    told = (Path(__file__).parents[2] / "docs" / "gate.md").read_text(encoding="utf-8")
    for rule in (*RULES, *WITHOUT_A_PAIR):
        assert f"| `{rule}` |" in told


def test_verify_runs_every_strategy_so_often_and_says_what_is_flaky(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked: list[str] = []

    def drawn(target: object, strategies: list[str], step: object, *_: object) -> list[Judged]:
        asked.extend(strategies)
        histories = [history.promising(target="reference") for history in (mismatch(), clean())]
        runs = [(*judged(history), tmp_path) for history in histories]
        return [Judged(*run, 1.0, run_object(*run, 1.0)) for run in runs]

    monkeypatch.setattr("harness.commands.verify.verify", drawn)
    status = main(["verify", "--strategy", "broadcast", "--repeat", "2", "--quiet"])
    assert (asked, status) == (["broadcast", "broadcast"], Exit.FAILED)
    assert "flaky: reference/broadcast: failed 1, passed 1\n" in capsys.readouterr().out
