"""Sightings that come as columns are in the ledger what they would be one by one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from harness.model import Event, Fact, Hop, Sighting, Told
from harness.model.facts import Fence
from harness.record import writer as writing
from harness.record.ledger import FILE, Ledger, read
from harness.record.many import Sightings
from harness.record.masking import Mask
from harness.record.writer import LedgerWriter
from tests.support.stories import broadcast

CONTRACT = broadcast().contract
EVENTS = [Event(f"s/{n}", "step", "s", n, f"{n:016x}", Told({"n": n, "token": "hidden-value"})) for n in (1, 2, 3)]
SAID = [Sighting(Hop.DELIVERED, each, "", 0, 0, detail={"transport": "websocket", **each.rest}) for each in EVENTS]
COLUMNS = Sightings(
    SAID, ["dashboard:L1.1", "dashboard:L2.1"], [0, 1, 0, 2, 2], [0, 0, 1, 1, 0], [10, 11, 10, 12, 15], [5, 6, 7, 8, 9]
)
FENCE = Fact("dashboard:L1.1", 99, 10, Fence("L1", back=True))


def written(folder: Path, write: Any, mask: Mask | None = None) -> Ledger:
    folder.mkdir()
    with LedgerWriter(folder / FILE, CONTRACT, *([mask.record] if mask else [])) as writer:
        write(writer)
    return read(folder / FILE)


def one_by_one(writer: LedgerWriter) -> None:
    for each in (*COLUMNS, FENCE):
        writer.write(each)


def at_once(writer: LedgerWriter) -> None:
    writer.write_many(COLUMNS)
    writer.write(FENCE)


@pytest.mark.parametrize("most", [1 << 15, 2])
def test_they_read_back_as_they_would_one_by_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, most: int) -> None:
    monkeypatch.setattr(writing, "MOST", most)
    one, many = written(tmp_path / "one", one_by_one), written(tmp_path / "many", at_once)
    assert [*many.records()] == [*one.records()] and len(many.sightings) == 5
    assert dict(many.payloads) == dict(one.payloads) and many.payloads


def test_what_is_secret_is_hidden_in_them(tmp_path: Path) -> None:
    ledger = written(tmp_path / "many", at_once, Mask())
    assert "hidden-value" not in str([*ledger.payloads.values()])
    assert b"hidden-value" not in (tmp_path / "many" / FILE).read_bytes()


def test_what_comes_after_the_end_is_dropped(tmp_path: Path) -> None:
    with LedgerWriter(tmp_path / FILE, CONTRACT) as writer:
        pass
    writer.write_many(COLUMNS)
    assert not len(read(tmp_path / FILE).sightings)
