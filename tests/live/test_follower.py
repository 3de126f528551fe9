"""The newest run is followed while it is written, by any command."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from harness.live.follower import Follower
from harness.record.ledger import FILE
from harness.record.writer import LedgerWriter
from tests.support.history import History, clean


class Runs:
    """A folder of runs with a follower, looked at when a test says so."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.told = folder, list[dict[str, Any]]()
        self.follower = Follower(folder, self.told.append)

    def begin(self, name: str, history: History) -> LedgerWriter:
        (self.folder / name).mkdir()
        return LedgerWriter(self.folder / name / FILE, history.contract)

    def look(self) -> dict[str, Any] | None:
        """What is told by a look, None where nothing is new."""
        self.follower._rest_until_s = 0.0
        before = len(self.told)
        self.follower.look()
        return self.told[-1] if len(self.told) > before else None


@pytest.fixture
def runs(tmp_path: Path) -> Runs:
    return Runs(tmp_path)


def test_a_run_is_told_as_it_grows_and_with_its_verdict_once_it_is_judged(runs: Runs) -> None:
    history = clean()
    records = [*history.ledger().records()]
    assert runs.look() is None
    with runs.begin("broadcast-1", history) as writer:
        begun = runs.look()
        assert begun is not None and (begun["total"], begun["phase"]) == (0, "running")
        assert runs.look() is None, "nothing is new"
        for record in records[:30]:
            writer.write(record)
        writer.flush()
        half = runs.look()
        assert half is not None and 0 < half["total"] <= 4
        for record in records[30:]:
            writer.write(record)
    ended = runs.look()
    assert ended is not None and (ended["verdict"], ended["phase"]) == (None, "running")
    (runs.folder / "broadcast-1" / "verdict.json").write_text("{}")
    judged = runs.look()
    assert judged is not None and (judged["verdict"], judged["run"]["name"]) == ("passed", "broadcast-1")


def test_a_newer_run_is_followed_from_its_first_record(runs: Runs) -> None:
    history = clean()
    with runs.begin("one", history):
        assert runs.look() is not None
        (runs.folder / "two").mkdir()
        assert runs.look() is None, "it has no ledger yet"
        LedgerWriter(runs.folder / "two" / FILE, history.contract).close()
        newer = runs.look()
        assert newer is not None and newer["run"]["name"] == "two"


def test_the_last_run_is_shown_at_the_start_and_a_broken_off_one_is_not_running(runs: Runs) -> None:
    history = clean()
    with runs.begin("old", history) as writer:
        runs.follower.start()
        runs.follower.close()
        runs.told.clear()
        runs.follower._seen = (-1, False)
        old = runs.look()
        assert old is not None and (old["run"]["name"], old["phase"]) == ("old", "stopped")
        writer.write(history.records[0])
        writer.flush()
        grown = runs.look()
        assert grown is not None and grown["phase"] == "running"


def test_what_is_not_a_run_is_passed_over(runs: Runs) -> None:
    (runs.folder / "index.db").write_text("")
    (runs.folder / "torn").mkdir()
    (runs.folder / "torn" / FILE).write_text("no ledger")
    assert runs.look() is None
