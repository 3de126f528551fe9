"""Runs are made one at a time, at a click or when files change, and never for what the system writes itself."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.live.runner import ITS_OWN, Runner

PROGRAM = """
import os, sys
print("[   0.1 s] broadcast: the workload runs", flush=True)
with open(sys.argv[1], "a") as made:
    made.write(" ".join(sys.argv[3:]) + os.environ["HARNESS_LIVE"] + "\\n")
open(sys.argv[2]).read()
print("harness: the page is \\x1b[31mred", flush=True)
sys.exit(4)
"""


class Made:
    """A runner of a program that notes what it was asked for, and waits until it is let go."""

    def __init__(self, folder: Path) -> None:
        self.made, self.gate = folder / "made", folder / "gate"
        os.mkfifo(self.gate)
        self.made.touch()
        self.news = threading.Condition()
        self.runner = Runner(
            [sys.executable, "-c", PROGRAM, str(self.made), str(self.gate)], ("broadcast", "subscription"), self.heard
        )

    def heard(self) -> None:
        with self.news:
            self.news.notify_all()

    def wait(self, **wanted: object) -> None:
        with self.news:
            there = self.news.wait_for(lambda: wanted.items() <= self.runner.told.items(), 20)
        assert there, self.runner.told

    def let_go(self) -> None:
        self.gate.write_text("go")

    def runs(self) -> list[str]:
        return self.made.read_text().splitlines()


@pytest.fixture
def made(tmp_path: Path) -> Iterator[Made]:
    made = Made(tmp_path)
    yield made
    made.runner.close()


def test_a_run_tells_its_step_and_how_it_ended(made: Made) -> None:
    made.runner.run()
    made.wait(running=True, step="broadcast: the workload runs")
    made.let_go()
    made.wait(running=False, status=4, said="harness: the page is red")
    assert made.runs() == ["--strategy broadcast subscription1"]


def test_one_run_at_a_time_and_the_last_wish_comes_next(made: Made) -> None:
    made.runner.run(["broadcast"])
    made.wait(step="broadcast: the workload runs")
    made.runner.run(["subscription"])
    made.runner.run(["broadcast", "subscription"])
    assert made.runner.told["next"] is True
    made.let_go()
    made.wait(running=True, next=False, chosen=["broadcast", "subscription"], step="broadcast: the workload runs")
    made.let_go()
    made.wait(running=False)
    assert made.runs() == ["--strategy broadcast1", "--strategy broadcast subscription1"]


def test_files_that_change_are_run_again_with_the_reason(made: Made) -> None:
    made.runner.follow_changes(False)
    made.runner.changed(["/app/server.py"])
    assert made.runner.told["running"] is False
    made.runner.follow_changes(True)
    made.runner.changed(["/app/server.py"])
    made.wait(running=True, why="server.py changed", step="broadcast: the workload runs")
    made.let_go()
    made.wait(running=False)


def test_what_changes_whenever_the_system_runs_is_its_own_doing(made: Made) -> None:
    made.runner.run()
    for turn in range(ITS_OWN):
        made.wait(running=True, step="broadcast: the workload runs", next=False)
        made.runner.changed(["/app/state.json"])
        assert made.runner.told["next"] is (turn < ITS_OWN - 1)
        made.let_go()
    made.wait(running=False)
    assert made.runner.written == {"/app/state.json"}
    made.runner.changed(["/app/state.json"])
    assert made.runner.told["running"] is False


def test_closing_ends_the_run_that_is_on(made: Made) -> None:
    made.runner.run()
    made.wait(step="broadcast: the workload runs")
    made.runner.close()
    made.wait(running=False)
    made.runner.run()
    assert made.runner.told["running"] is False
