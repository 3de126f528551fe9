"""Two stored runs side by side."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from PIL import Image

from harness.commands.parser import main
from harness.locations import RUNS_SETTING
from harness.model.facts import Screenshot, View
from harness.record.ledger import FORMER_FILE, exported
from tests.support.history import History, clean, load, of_kind, with_data
from tests.support.reported import mismatch


def keep(folder: Path, **runs: History) -> None:
    for name, history in runs.items():
        (folder / name).mkdir()
        (folder / name / FORMER_FILE).write_text("".join(exported(history.ledger())))


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(RUNS_SETTING, str(tmp_path))
    return tmp_path


def test_runs_that_went_alike_are_alike(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    keep(folder, one=clean(), two=clean())
    assert main(["compare", "one", "two"]) == 0
    told = capsys.readouterr().out
    assert "the runs are alike" in told
    assert "≠" not in told


def test_where_two_runs_went_apart_is_shown_by_hop_and_event(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    keep(folder, one=clean(), two=mismatch())
    assert main(["compare", "one", "two"]) == 1
    lines = [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()]
    assert "cause – room-mismatch ≠" in lines
    assert "received 4 4" in lines
    assert "routed 4 0 ≠" in lines
    assert "2 step:done routed, A rendered, B rendered routed to no client, A not there, B not there ≠" in lines
    assert "the runs are not alike" in lines


def test_what_a_page_shows_is_compared_also_where_all_events_arrived(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    keep(folder, one=clean(), two=clean().changed(of_kind(View), with_data(counter=9)))
    assert main(["compare", "one", "two", "--json"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert told["shown"]["A counter"] == ["4", "9"]
    assert (told["alike"], told["events"]) == (False, {})


def test_screenshots_are_compared_and_written_beside_each_other(
    folder: Path, tmp_path_factory: pytest.TempPathFactory, capsys: pytest.CaptureFixture[str]
) -> None:
    seen = clean().tell(Screenshot, load("A"), path="A-after.png", caption="after", dashboard="A")
    keep(folder, one=seen, two=seen)
    Image.new("L", (8, 4), 128).save(folder / "one" / "A-after.png")
    Image.new("L", (8, 5), 128).save(folder / "two" / "A-after.png")
    pictures = tmp_path_factory.mktemp("pictures") / "new"
    assert main(["compare", "one", "two", "--pictures", str(pictures)]) == 0, "ids and times differ in any two pictures"
    assert "A after  20.0 %" in capsys.readouterr().out
    with Image.open(pictures / "A-after.png") as picture:
        assert picture.height == 5
    assert main(["compare", "one", "two", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["pictures"] == {"A after": 0.2}
