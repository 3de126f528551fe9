"""A suite of scenarios run by pytest, in turn with the sum of the same scenarios as bare scripts."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path

from bench import bare
from bench.figures import Row, below, in_turn

COUNT = 20
"""Scenarios in the suite."""

_REASON = "Each scenario costs what a warm one costs, and pytest's own start and a report for each come on top."

SCENARIOS = f"""
import pytest


@pytest.mark.proves("P1", "P2", "P3", dashboards="A", strategies=["broadcast"])
@pytest.mark.parametrize("number", range({COUNT}))
def test_the_documented_task(scenario, number):
    scenario.run.open_dashboards("A")
    assert scenario.run.do("main", scenario.run.main).finish() == 0
    scenario.passes()
"""


def suite(pairs: int) -> Iterable[Row]:
    """One `pytest`, from its start to its end, over one script that does the same things one after the other."""
    folder = Path(tempfile.mkdtemp(prefix="bench-"))
    (folder / "test_suite.py").write_text(SCENARIOS)

    def ours() -> float:
        began = time.monotonic()
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(folder / "test_suite.py")]
        done = subprocess.run(command, cwd=bare.ROOT, stdout=subprocess.PIPE, text=True, check=False)
        assert f"{COUNT} passed" in done.stdout, done.stdout
        return time.monotonic() - began

    try:
        with_harness, bares = in_turn(pairs, ours, _bare, "s")
    finally:
        shutil.rmtree(folder)
    beside = f"pytest {with_harness}, bare {bares}"
    what = f"`pytest` on {COUNT} scenarios, over a script of the same"
    yield below(what, with_harness.over(bares), 1.2, beside, _REASON)


def _bare() -> float:
    began = time.monotonic()
    subprocess.run(
        [sys.executable, "-m", "bench.bare", str(COUNT)], check=True, cwd=bare.ROOT, stdout=subprocess.DEVNULL
    )
    return time.monotonic() - began
