"""A soak: drawn from its seed, counted honestly, and a bound only where there was no alarm."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from harness.__main__ import main
from harness.commands import soak as command
from harness.commands.exits import Exit
from harness.faults import Effect, faults, lasting
from harness.model import Answer
from harness.run.contract import contract_for
from harness.run.workloads import workloads
from harness.selftest.soak.plan import Draw, plan
from harness.selftest.soak.record import Totals, bound_in_words, document, markdown
from harness.selftest.soak.runs import BOUND_MS, Trial, promised
from harness.target.reference import reference

STRATEGIES = ("broadcast", "subscription")
FAULTS = ("slow-logs", "delayed-frames")
PASSED, FAILED, UNKNOWN = Answer.PASSED, Answer.FAILED, Answer.UNKNOWN


def trial(number: int, answer: Answer | None, *chosen: str) -> Trial:
    draw = Draw(number, STRATEGIES[number % 2], "polling", chosen, f"7/{number}")
    effects = {name: Effect(2, 0.25, "things") for name in chosen} if answer else {}
    folder = None if answer is PASSED else Path(f"reports/runs/{number}")
    return Trial(draw, answer, "told \x1b[31mred", 2.0, folder, effects)


def test_the_same_seed_gives_the_same_order_and_another_seed_another() -> None:
    assert plan(300, 7, STRATEGIES, FAULTS) == plan(300, 7, STRATEGIES, FAULTS)
    assert plan(300, 7, STRATEGIES, FAULTS)[:50] == plan(50, 7, STRATEGIES, FAULTS)
    assert plan(300, 7, STRATEGIES, FAULTS) != plan(300, 8, STRATEGIES, FAULTS)


def test_strategies_and_transports_are_equally_frequent_and_faults_in_half_the_runs() -> None:
    draws = plan(400, 7, STRATEGIES, FAULTS)
    assert set(Counter((draw.strategy, draw.transport) for draw in draws).values()) == {100}
    assert len({draw.faults for draw in draws}) == 4
    assert all(150 < sum(fault in draw.faults for draw in draws) < 250 for fault in FAULTS)
    assert len({draw.seed for draw in draws}) == 400
    assert [draw.number for draw in draws] == list(range(1, 401))


def test_a_soak_promises_what_verify_does_but_for_the_latency() -> None:
    target = reference()
    for strategy, workload in workloads().items():
        verified = contract_for(target, strategy, "s", workload.properties, workload.dashboards, target.declared)
        assert verified.bound_ms == 2000
        assert promised(target, workload, strategy, "s") == replace(verified, bound_ms=BOUND_MS)
        patient = replace(target, bound_ms=60_000)
        assert promised(patient, workload, strategy, "s").bound_ms == 60_000


def test_a_bound_is_claimed_only_without_an_alarm_and_for_what_was_judged() -> None:
    clean = [trial(number, PASSED) for number in range(298)]
    assert Totals.of(clean).bound == 3 / 298
    assert "fewer than 3/298 = 1.01%" in bound_in_words(Totals.of(clean))
    lame = Totals.of([*clean, trial(298, UNKNOWN), trial(299, None)])
    assert (lame.runs, lame.judged, lame.unknown, lame.broken, lame.bound) == (300, 298, 1, 1, 3 / 298)
    wolf = Totals.of([*clean, trial(298, FAILED)])
    assert (wolf.judged, wolf.alarms, wolf.bound) == (299, 1, None)
    assert bound_in_words(wolf) == "1 false alarms in 299 judged runs: no bound is claimed."
    assert Totals.of([trial(1, UNKNOWN)]).bound is None
    assert Totals.of([trial(1, PASSED)]).bound == 1.0


def test_the_table_has_every_strategy_and_what_each_fault_did() -> None:
    found = [trial(1, PASSED, "slow-logs"), trial(2, PASSED, "slow-logs"), trial(3, FAILED)]
    lines = list(markdown(found, 7, 120, {name: faults()[name] for name in FAULTS}, "2 cores"))
    assert "| subscription | polling | 2 | 1 | 0 | 0 | 2.0 |" in lines
    assert "| all |  | 3 | 1 | 0 | 0 | 2.0 |" in lines
    assert any(line.startswith("| slow-logs |") and line.endswith("| 2 | 0 | 0 | 4 things, 0 s |") for line in lines)
    assert any(line.startswith("| delayed-frames |") and line.endswith("| 0 | 0 | 0 | – |") for line in lines)
    assert "| none | | 1 | 1 | 0 | |" in lines
    assert any("--runs 3 --seed 7" in line for line in lines)


@pytest.mark.parametrize(
    ("answers", "status"),
    [
        ([PASSED, PASSED], Exit.AS_PROMISED),
        ([PASSED, UNKNOWN], Exit.UNKNOWN),
        ([UNKNOWN, None], Exit.BROKEN),
        ([FAILED, None], Exit.FAILED),
    ],
)
def test_the_status_says_the_worst_and_what_was_wrong_is_shown_with_its_folder(
    answers: list[Answer | None],
    status: Exit,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    class Soak:
        def __init__(self, *_: object) -> None: ...
        def __enter__(self) -> Soak:
            return self

        def __exit__(self, *_: object) -> None: ...
        def run(self, draw: Draw) -> Trial:
            return trial(draw.number, answers[draw.number - 1])

    monkeypatch.setattr(command, "Soak", Soak)
    written = tmp_path / "soak.json"
    assert main(["soak", "--runs", "2", "--seed", "5", "--quiet", "--json", str(written)]) == status
    shown = capsys.readouterr().out
    assert "seed 5" in shown
    assert ("reports/runs/2" in shown) == (answers[1] is not PASSED)
    assert "\x1b" not in shown
    assert json.loads(written.read_text())["seed"] == 5


def test_an_interrupted_soak_is_recorded_as_far_as_it_went(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    class Soak:
        def __init__(self, *_: object) -> None: ...
        def __enter__(self) -> Soak:
            return self

        def __exit__(self, *_: object) -> None: ...
        def run(self, draw: Draw) -> Trial:
            if draw.number == 3:
                raise KeyboardInterrupt
            return trial(draw.number, PASSED)

    monkeypatch.setattr(command, "Soak", Soak)
    table = tmp_path / "soak.md"
    assert main(["soak", "--runs", "5", "--seed", "5", "--quiet", "--table", str(table)]) == 130
    assert "2 runs in" in capsys.readouterr().out
    assert "--runs 2 --seed 5" in table.read_text()


def test_the_json_has_every_run() -> None:
    found = document([trial(1, PASSED, "slow-logs"), trial(2, None, "slow-logs")], 7, 4.0)
    assert (found["runs"], found["judged"], found["broken"], found["bound"]) == (2, 1, 1, 1.0)
    one, other = found["trials"]
    assert one["faults"] == {"slow-logs": {"count": 2, "seconds": 0.25, "unit": "things"}}
    assert (one["verdict"], one["run_dir"]) == ("passed", None)
    assert (other["verdict"], other["run_dir"], other["faults"]) == ("broken", "reports/runs/2", {"slow-logs": None})


@pytest.mark.slow
def test_a_soak_of_the_reference_system_passes_with_every_fault_and_keeps_no_folder(tmp_path: Path) -> None:
    seed = next(
        s for s in range(1000) if len(plan(1, s, ("broadcast",) * 4, tuple(lasting()))[0].faults) == len(lasting())
    )
    written = tmp_path / "soak.json"
    argv = [sys.executable, "-m", "harness", "soak", "--runs", "1", "--seed", str(seed), "--json", str(written)]
    done = subprocess.run([*argv, "--quiet"], capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    [run] = json.loads(written.read_text())["trials"]
    assert run["run_dir"] is None
    assert all(did["count"] > 0 and did["seconds"] > 0 for did in run["faults"].values())
    assert len(run["faults"]) == len(lasting())
