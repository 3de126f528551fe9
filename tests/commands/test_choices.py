"""Which strategies a command is about."""

from __future__ import annotations

import json
import os
from pathlib import Path

from harness.commands.choices import last_failed

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
