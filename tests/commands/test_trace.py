"""Traces of stored runs, and runs by their names, where a command takes one."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from harness.commands import trace
from harness.commands.parser import main
from harness.locations import RUNS_SETTING
from harness.record.ledger import FORMER_FILE, exported
from tests.support.reported import mismatch


@pytest.fixture
def lost(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A stored run among the runs, somewhere else than here."""
    monkeypatch.setenv(RUNS_SETTING, str(tmp_path))
    (tmp_path / "lost-1").mkdir()
    (tmp_path / "lost-1" / FORMER_FILE).write_text("".join(exported(mismatch().ledger())))
    return tmp_path / "lost-1"


def recorded(run: Path, *labels: str) -> None:
    (run / "recordings").mkdir()
    for label in labels:
        (run / "recordings" / f"{label}-trace.zip").touch()


def test_a_run_without_a_trace_says_how_to_record_one(lost: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["trace"]) == 2
    assert "`harness verify --trace` records one" in capsys.readouterr().err


def test_the_dashboard_asked_for_is_opened_and_the_nearest_told_for_another(
    lost: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    viewer = tmp_path / "viewer.py"
    viewer.write_text("import sys\nprint('shown', sys.argv[1])\nraise SystemExit('worn' in sys.argv[1])\n")
    monkeypatch.setattr(trace, "VIEWER", (str(viewer),))
    recorded(lost, "left", "worn")
    assert main(["trace", "lost-1"]) == 0
    assert str(lost / "recordings" / "left-trace.zip") in capsys.readouterr().out
    assert main(["trace", "--dashboard", "lefd"]) == 2
    assert "there is left, worn; did you mean left?" in capsys.readouterr().err
    assert main(["trace", "--dashboard", "worn"]) == 4


@pytest.mark.parametrize("command", ["judge", "ledger", "show"])
def test_a_run_is_named_as_everywhere(command: str, lost: Path, capsys: pytest.CaptureFixture[str]) -> None:
    statuses = {main([command, *named]) for named in ([], ["last"], ["lost-1"], [str(lost)])}
    assert len(statuses) == 1 and statuses <= {0, 1}
    assert main([command, "lots-1"]) == 2
    assert "did you mean lost-1?" in capsys.readouterr().err
    assert os.listdir(lost.parent) == ["lost-1"]
