"""What turns out to be secret late is taken out of what was written before, and nothing else of a ledger changes."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.model import Event, Fact, Hop, Record, Sighting, Told
from harness.model.facts import CliMessage, Notice
from harness.record.blocks import Ending
from harness.record.hiding import hide
from harness.record.ledger import exported, read
from harness.record.masking import Mask, encodings
from harness.record.writer import LedgerWriter
from tests.support.ledgers import Story

SECRET = 'h&rd to/gue"ss é 7319'


def written(path: Path, mask: Mask, early: int = 40) -> None:
    """A party says the secret by the way, in several blocks, before an event names it."""
    named = Event("s/1", "a", "s", 1, "d", Told({"token": SECRET}))
    with LedgerWriter(path, Story("broadcast").contract, mask.record) as writer:
        for n in range(early):
            writer.write(Fact("cli:main", n, n, CliMessage(f"line {n} with {SECRET}")))
            writer.flush()
        writer.write(Fact("dashboard:A.1", 1, 1, Notice("hello", {"said": [SECRET], "n": 1})))
        writer.flush()
        writer.write(Sighting(Hop.EMITTED, named, "cli:main", 99, 99))


def test_nothing_of_a_late_secret_is_left_and_all_else_is_as_it_was(tmp_path: Path) -> None:
    path, mask = tmp_path / "run.ledger", Mask()
    written(path, mask)
    before = [*exported(read(path))]
    assert mask.is_late and any("7319" in line for line in before), "it stands in what was written before"
    hide(path, mask.text)
    ledger = read(path)
    after = [*exported(ledger)]
    assert ledger.ending is Ending.COMPLETE
    assert not [line for line in after for form in encodings(SECRET) if form in line]
    assert after == [mask.text(line) for line in before]
    assert [*tmp_path.iterdir()] == [path]


def test_a_secret_that_was_known_from_the_start_is_not_late(tmp_path: Path) -> None:
    mask = Mask(values=[SECRET])
    written(tmp_path / "run.ledger", mask)
    assert not mask.is_late


def test_a_ledger_that_is_not_whole_is_left_as_it_is(tmp_path: Path) -> None:
    path, mask = tmp_path / "run.ledger", Mask()
    written(path, mask)
    path.write_bytes(cut := path.read_bytes()[:-5])
    with pytest.raises(ValueError, match="not whole"):
        hide(path, mask.text)
    assert path.read_bytes() == cut and [*tmp_path.iterdir()] == [path]


@pytest.mark.parametrize(
    ("record", "had"),
    [
        (Fact("dashboard:A.1", 1, 1, Notice("hello", {"said": SECRET})), True),
        (Fact("dashboard:A.1", 1, 1, Notice("hello", {"said": "nothing"})), False),
        (Sighting(Hop.DELIVERED, Event("s/1", "a", "s", 1, "d"), "dashboard:A.1", 1, 1), True),  # kept from the CLI
        (Sighting(Hop.DELIVERED, Event("s/2", "a", "s", 2, "e"), "dashboard:A.1", 1, 1), False),
    ],
)
def test_which_pages_had_a_secret_is_known(record: Record, had: bool) -> None:
    mask = Mask(values=[SECRET])
    said = Event("s/1", "a", "s", 1, "d", Told({"n": 1, "token": "short"}))
    mask.record(Sighting(Hop.EMITTED, said, "cli:main", 1, 1))
    mask.record(record)
    assert ("dashboard:A.1" in mask.had_secrets) is had
