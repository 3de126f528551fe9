"""What a person reads of a verdict stays as it was read and found true: see tests/support/readings.py."""

from __future__ import annotations

from functools import cache

import pytest

from harness.diagnosis import rules
from tests.support.readings import READINGS, reading, runs, shortened

RUNS = runs()


@cache
def kept(name: str) -> str:
    return (READINGS / f"{name}.txt").read_text("utf-8")


@pytest.mark.parametrize("name", RUNS)
def test_a_verdict_reads_as_it_did(name: str) -> None:
    assert reading(RUNS[name]()) == kept(name), "python -m tests.support.readings writes it anew: read the diff"


def test_every_run_has_its_reading_and_every_cause_is_read_somewhere() -> None:
    assert {file.stem for file in READINGS.glob("*.txt")} == set(RUNS)
    read = "".join(kept(name) for name in RUNS)
    assert {cause for cause in {*rules(), "unexplained"} if f"\ncause {cause} at " not in read} == set()


def test_keys_are_shortened_where_their_numbers_follow_each_other() -> None:
    assert shortened(["main/1", "main/2", "main/4", "other/5", "-", "-"]) == "main/1..2 main/4 other/5 - -"
