"""The index of stored runs: made of their folders, brought up to date, and thrown away without loss."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from harness.archive.index import FILE, UNJUDGED, indexed
from harness.commands.parser import main
from harness.judging import judge_folder
from harness.locations import RUNS_SETTING
from harness.record.ledger import FORMER_FILE, exported
from tests.support.history import clean
from tests.support.reported import mismatch


def stored(runs: Path, name: str, made_s: float = 1_000_000, **told: Any) -> Path:
    """A run as its folder has it."""
    said = {"target": "mine", "strategy": "broadcast", "verdict": "passed", "hops": {}, "blame": [], "seconds": 1.5}
    folder = runs / name
    folder.mkdir(exist_ok=True)
    (folder / "run.ledger").touch()
    (folder / "verdict.json").write_text(json.dumps({**said, **told}))
    for file in folder.iterdir():
        os.utime(file, (made_s, made_s))
    return folder


def names(runs: Path) -> list[str]:
    return [each.name for each in indexed(runs)]


def test_a_real_run_is_told_with_the_numbers_of_its_verdict(tmp_path: Path) -> None:
    for name, history in {"lost": mismatch(), "fine": clean()}.items():
        (tmp_path / name).mkdir()
        (tmp_path / name / FORMER_FILE).write_text("".join(exported(history.ledger())))
        judge_folder(tmp_path / name, 2.5, report=False)
    lost, fine = sorted(indexed(tmp_path), key=lambda each: each.verdict)
    assert (lost.verdict, lost.cause, lost.bad, lost.hops) == (
        "failed",
        "room-mismatch",
        "routed",
        (4, 4, 4, 0, 0, 0, 0),
    )
    assert (fine.verdict, fine.cause, fine.hops, fine.seconds) == ("passed", "", (4,) * 7, 2.5)
    assert (fine.target, fine.strategy) == ("written by hand", "broadcast")


def test_the_commit_is_told_with_a_sign_where_files_were_changed_since(tmp_path: Path) -> None:
    stored(tmp_path, "clean", 3, commit="c0ffee1234", changed=False)
    stored(tmp_path, "changed", 2, commit="c0ffee1234", changed=True)
    stored(tmp_path, "nowhere", 1, commit=None)
    assert [each.commit for each in indexed(tmp_path)] == ["c0ffee1234", "c0ffee1234+", ""]


def test_the_newest_comes_first_and_what_changed_is_read_again(tmp_path: Path) -> None:
    stored(tmp_path, "old", 1_000)
    stored(tmp_path, "new", 2_000)
    assert names(tmp_path) == ["new", "old"]
    stored(tmp_path, "old", 3_000, verdict="failed")
    assert [(each.name, each.verdict) for each in indexed(tmp_path)] == [("old", "failed"), ("new", "passed")]


def test_what_is_gone_is_gone_and_what_was_read_is_not_read_again(tmp_path: Path) -> None:
    folder, other = stored(tmp_path, "a"), stored(tmp_path, "b")
    assert names(tmp_path) == ["b", "a"]
    for file in folder.iterdir():
        file.unlink()
    (other / "verdict.json").write_text("no JSON any more")
    os.utime(other / "verdict.json", (1_000_000, 1_000_000))
    assert names(tmp_path) == ["b"]


@pytest.mark.parametrize("content", [b"no database", b""])
def test_an_index_that_is_broken_is_made_anew(tmp_path: Path, content: bytes) -> None:
    stored(tmp_path, "a")
    (tmp_path / FILE).write_bytes(content)
    assert names(tmp_path) == ["a"]
    assert names(tmp_path) == ["a"]


def test_a_run_without_a_verdict_is_listed_and_another_folder_is_not(tmp_path: Path) -> None:
    (tmp_path / "cut").mkdir()
    (tmp_path / "cut" / "run.ledger").touch()
    (tmp_path / "empty").mkdir()
    (tmp_path / "file").touch()
    stored(tmp_path, "list").joinpath("verdict.json").write_text("[]")
    stored(tmp_path, "odd", hops=[1], blame={"cause": 1}, seconds="soon")
    found = {each.name: each.verdict for each in indexed(tmp_path)}
    assert found == {"cut": UNJUDGED, "odd": "passed"}
    assert indexed(tmp_path / "nowhere") == []


def test_without_a_run_it_is_said_how_to_make_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(RUNS_SETTING, str(tmp_path))
    assert main(["index"]) == 2
    assert "harness verify" in capsys.readouterr().err
    stored(tmp_path, "a")
    assert main(["index", "--no-open"]) == 0
    assert capsys.readouterr().out == f"{tmp_path / 'index.html'}\n"
