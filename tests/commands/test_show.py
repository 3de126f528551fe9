"""Questions about a stored run, asked in a terminal and by a program."""

from __future__ import annotations

import json
import os
import webbrowser
from pathlib import Path

import pytest

from harness.commands.parser import main
from harness.commands.stored import ChoiceError, chosen_run
from harness.locations import RUNS_SETTING
from harness.record.ledger import FORMER_FILE, exported
from tests.support.history import clean
from tests.support.reported import mismatch


@pytest.fixture
def lost(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A run that lost all its events at routed, among others that are older."""
    monkeypatch.setenv(RUNS_SETTING, str(tmp_path))
    for place, (name, history) in enumerate({"clean-1": clean(), "lost-2": mismatch()}.items()):
        (tmp_path / name).mkdir()
        file = tmp_path / name / FORMER_FILE
        file.write_text("".join(exported(history.ledger())))
        os.utime(file, (1_000_000 + place, 1_000_000 + place))
    (tmp_path / "broken-off").mkdir()
    return tmp_path / "lost-2"


def test_the_last_run_is_meant_where_none_is_named(lost: Path) -> None:
    assert chosen_run("last") == lost
    assert chosen_run("clean-1") == lost.parent / "clean-1"
    assert chosen_run(str(lost)) == lost


def test_a_run_that_is_not_there_is_wrong_use_and_the_nearest_is_told(
    lost: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["show", "lots-2"]) == 2
    assert "did you mean lost-2?" in capsys.readouterr().err


def test_without_a_run_it_is_said_how_to_make_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(RUNS_SETTING, str(tmp_path))
    with pytest.raises(ChoiceError, match="harness verify"):
        chosen_run("last")


def test_one_event_is_shown_hop_by_hop(lost: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["show", "--event", "s/2"]) == 0
    told = capsys.readouterr().out
    assert told.startswith("event s/2 (step:done)\n")
    assert "to room 's', for no recipient" in told
    assert "not seen at delivered, applied, rendered" in told
    assert "lost at dashboard B" in told


def test_a_number_or_a_name_will_do_for_an_event(lost: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["show", "--event", "2"]) == 0
    assert "event s/2 " in capsys.readouterr().out
    assert main(["show", "--event", "step:done"]) == 0
    assert capsys.readouterr().out.count("event s/") == 2


def test_a_dashboard_is_shown_with_what_it_was_owed_and_has(lost: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["show", "--dashboard", "A"]) == 0
    assert "owed 4: delivered 0, applied 0, rendered 0" in capsys.readouterr().out
    assert main(["show", "clean-1", "--dashboard", "A"]) == 0
    assert "owed 4: delivered 4, applied 4, rendered 4" in capsys.readouterr().out


def test_all_that_went_wrong_is_listed_or_that_nothing_did(lost: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["show", "--lost"]) == 0
    told = capsys.readouterr().out
    assert told.count("\nlost ") >= 8
    assert main(["show", "clean-1", "--lost"]) == 0
    assert "no promise was broken" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("question", "member"), [(["--event", "1"], "sightings"), (["--dashboard", "A"], "owed"), (["--lost"], "wrong")]
)
def test_programs_get_the_same_as_json(
    lost: Path, capsys: pytest.CaptureFixture[str], question: list[str], member: str
) -> None:
    assert main(["show", *question, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["schema"], told["run"]) == (1, str(lost))
    assert told["answers"][0][member]


def test_what_is_not_on_record_is_wrong_use_and_what_is_there_is_told(
    lost: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["show", "--event", "step:dome"]) == 2
    assert "did you mean step:done?" in capsys.readouterr().err
    assert main(["show", "--dashboard", "Q"]) == 2
    assert "there is A, B" in capsys.readouterr().err


def test_what_a_system_says_does_nothing_to_the_terminal(lost: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = lost / FORMER_FILE
    file.write_text(file.read_text().replace("step:done", "step\\u001b[2J"))
    assert main(["show", "--lost"]) == 0
    assert "\x1b" not in capsys.readouterr().out


def test_nothing_in_the_run_is_changed_by_a_question(lost: Path) -> None:
    before = sorted(path.name for path in lost.iterdir())
    assert main(["show", "--lost"]) == 0
    assert sorted(path.name for path in lost.iterdir()) == before


def test_a_page_is_opened_or_its_place_told(
    lost: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = list[str]()
    monkeypatch.setattr(webbrowser, "open", lambda url: opened.append(url))
    assert main(["open", "last"]) == 2
    assert "harness judge" in capsys.readouterr().err
    (lost / "run.html").write_text("<!doctype html>")
    assert main(["open", "last"]) == 0
    assert opened == [(lost / "run.html").as_uri()]
    assert "no browser was found here" in capsys.readouterr().out


def test_without_a_name_the_page_of_all_runs_is_opened(lost: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened = list[str]()
    monkeypatch.setattr(webbrowser, "open", lambda url: not opened.append(url))  # type: ignore[func-returns-value]
    assert main(["open"]) == 0
    assert opened == [(lost.parent / "index.html").as_uri()]
