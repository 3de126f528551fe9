"""Which strategies a command is about, and which faults."""

from __future__ import annotations

import argparse
import json
import os
import re
from pathlib import Path

import pytest

from harness.commands.choices import chosen_faults
from harness.commands.stored import last_failed
from harness.target.process import TargetError

STRATEGIES = ("broadcast", "subscription", "auto-discovery")


def keep(folder: Path, name: str, at_s: int, **run: str) -> None:
    kept = folder / name / "verdict.json"
    kept.parent.mkdir(parents=True)
    kept.write_text(json.dumps({"target": "shop", "verdict": "passed", **run}))
    os.utime(kept, (at_s, at_s))


def test_the_last_run_of_each_strategy_counts(tmp_path: Path) -> None:
    keep(tmp_path, "broadcast-1", 1, strategy="broadcast", verdict="failed")
    keep(tmp_path, "broadcast-2", 2, strategy="broadcast")
    keep(tmp_path, "subscription-1", 1, strategy="subscription")
    keep(tmp_path, "subscription-2", 2, strategy="subscription", verdict="unknown")
    keep(tmp_path, "auto-discovery-1", 1, strategy="auto-discovery", verdict="failed")
    assert last_failed("shop", STRATEGIES, tmp_path) == ("subscription", "auto-discovery")


def test_runs_of_other_systems_reproductions_and_broken_files_do_not_count(tmp_path: Path) -> None:
    keep(tmp_path, "broadcast-1", 1, strategy="broadcast", verdict="failed", target="other")
    keep(tmp_path, "room-mismatch-1", 1, strategy="broadcast", verdict="failed")
    for name, text in (("broadcast-2", "{"), ("broadcast-3", "[]"), ("broadcast-4", "{}")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "verdict.json").write_text(text)
    assert last_failed("shop", STRATEGIES, tmp_path) == ()
    assert last_failed("shop", STRATEGIES, tmp_path / "nothing") == ()


def asking(*faults: str) -> argparse.Namespace:
    return argparse.Namespace(fault=list(faults))


def test_faults_are_chosen_by_name_with_their_numbers() -> None:
    slow, late = chosen_faults(asking("slow-logs", "delayed-frames:most_s=0.05"))
    assert (slow.name, late.name) == ("slow-logs", "delayed-frames")
    assert "up to 50 ms late" in late.does
    assert chosen_faults(argparse.Namespace(fault=None)) == []


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ("slow-log", "did you mean slow-logs?"),
        ("delayed-frames:most=1", "fault delayed-frames has no 'most'; it has most_s"),
        ("delayed-frames:most_s=much", "a number is wanted"),
        ("delayed-frames:most_s=nan", "from 0 to"),
        ("slow-logs:x=1", "it has no numbers"),
    ],
)
def test_a_fault_that_is_not_there_is_told_with_what_there_is(asked: str, told: str) -> None:
    with pytest.raises(TargetError, match=re.escape(told)):
        chosen_faults(asking(asked))
