"""The same ledger gives the same verdict in another process, to the letter: no order of a set shows in it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]

EVERY = "3"
"""Of the stored ledgers every third: test_readings.py reads all of them, with another seed in each process."""


def told(seed: int) -> str:
    """Every verdict on the stored ledgers, as a process says it that hashes its strings with this seed."""
    command = [sys.executable, "-m", "tests.support.verdicts", str(Path(__file__).parents[1] / "ledgers"), EVERY]
    env = {**os.environ, "PYTHONHASHSEED": str(seed)}
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=True)
    return done.stdout


def test_verdicts_do_not_depend_on_the_order_of_sets() -> None:
    first, second = told(1).splitlines(), told(2).splitlines()
    assert len(first) > 60
    assert [line for line in first if line not in second] == []
    assert first == second
