"""`harness worlds`: what is missing is said before anything starts, and what came of it decides the status."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from harness.__main__ import main
from harness.commands import worlds as command
from harness.commands.exits import Exit
from harness.selftest.worlds import needed
from harness.selftest.worlds.result import Result


def played(monkeypatch: pytest.MonkeyPatch, *results: Result) -> None:
    """Worlds that are not played, and come out so."""

    def try_all(seeds: Iterable[int]) -> Iterator[Result]:
        yield from results

    monkeypatch.setattr(command, "try_all", try_all)
    monkeypatch.setattr(command, "demand", lambda: None)
    monkeypatch.setattr(command, "stop_orphans", lambda: None)


@pytest.mark.parametrize(
    ("result", "status"),
    [
        (Result(0, "scored", answer="passed"), Exit.AS_PROMISED),
        (Result(0, "scored", answer="passed", wrong=("silent pass",)), Exit.FAILED),
        (Result(0, "scored", answer="unknown", wrong=("unknown",)), Exit.UNKNOWN),
        (Result(0, "broken", "KeyError"), Exit.BROKEN),
        (Result(0, "disputed", "Deed"), Exit.BROKEN),
    ],
)
def test_the_status_says_whether_the_harness_was_right(
    result: Result, status: Exit, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    played(monkeypatch, result)
    assert main(["worlds", "--seeds", "1", "--no-shrinking", "--quiet"]) == status
    assert "1 worlds" in capsys.readouterr().out


def test_the_score_is_written_as_json_and_as_a_page(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    played(monkeypatch, Result(3, "scored", happened=("miscounts",), wrong=("wrong hop",), details=("here",)))
    told, page = tmp_path / "score.json", tmp_path / "worlds.md"
    main(["worlds", "--only", "3", "--no-shrinking", "--quiet", "--json", str(told), "--table", str(page)])
    (world,) = json.loads(told.read_text())["worlds"]
    assert (world["seed"], world["wrong"], world["happened"]) == (3, ["wrong hop"], ["miscounts"])
    assert "| 3 | " in page.read_text()


def test_what_is_missing_is_said_with_what_to_do(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(needed, "PYTHON", ("no_such_package",))
    assert main(["worlds"]) == Exit.WRONG_USE
    assert "no_such_package" in capsys.readouterr().err
    monkeypatch.setattr(needed, "PYTHON", ())
    monkeypatch.setattr(shutil, "which", lambda name: None)
    assert main(["worlds"]) == Exit.WRONG_USE
    assert "node" in capsys.readouterr().err
