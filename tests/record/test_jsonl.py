"""JSON lines: ledgers that were kept so are read, and a ledger is exported so that it can be read again."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from harness.model import Event, Fact, Hop, Sighting
from harness.model.facts import Notice
from harness.record.jsonl import decode, encode
from harness.record.ledger import Ending, Ledger, LedgerError, exported, read
from tests.support.ledgers import Story
from tests.support.stories import broadcast, subscription

HOSTILE = "\u202egpj.exe \x1b[31m <script>\ud800 \u2028 \x00 \"'\\ \n 🎉"


def write(path: Path, ledger: Ledger) -> Path:
    path.write_text("".join(exported(ledger)))
    return path


@pytest.mark.parametrize("tell", [broadcast, subscription])
def test_a_ledger_reads_back_as_it_was_written(tmp_path: Path, tell: Callable[[], Story]) -> None:
    ledger = tell().ledger()
    found = read(write(tmp_path / "ledger.jsonl", ledger))
    assert found.contract == ledger.contract
    assert [encode(record) for record in found.records()] == [encode(record) for record in ledger.records()]
    assert found.ending is Ending.COMPLETE


def test_unobserved_recipients_are_told_from_no_recipients(tmp_path: Path) -> None:
    event = Event("s/1", "x", "s", 1, None)
    for recipients in (None, (), ("a", "b")):
        sighting = Sighting(Hop.ROUTED, event, "server", 1, 2, recipients, {"room": None})
        assert decode(json.loads(json.dumps(encode(sighting)))) == sighting


@pytest.mark.parametrize("text", [HOSTILE, "", "a" * 1_000_000])
def test_hostile_text_survives(tmp_path: Path, text: str) -> None:
    fact = Fact("dashboard:A.1", 1, 2, Notice(text, {text: [None, 1.5, {"x": text}]}))
    ledger = Ledger.of(broadcast().contract, [fact])
    assert read(write(tmp_path / "ledger.jsonl", ledger)).facts == (fact,)


def test_a_last_line_that_was_cut_off_is_left_out_and_said(tmp_path: Path) -> None:
    ledger = broadcast().ledger()
    path = write(tmp_path / "ledger.jsonl", ledger)
    path.write_bytes(path.read_bytes()[:-20])
    found = read(path)
    assert found.ending is Ending.CUT
    assert len(list(found.records())) == len(list(ledger.records())) - 1


def test_what_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(LedgerError, match=r"no ledger can be read here .* Name the folder of a run"):
        read(tmp_path / "ledger.jsonl")


@pytest.mark.parametrize(
    "line", ["", "{}", "no json", '{"schema": 1}', '{"schema": 1, "contract": {"taps": [9]}}', "[]"]
)
def test_a_first_line_that_is_not_a_contract_is_told(tmp_path: Path, line: str) -> None:
    path = tmp_path / "ledger.jsonl"
    path.write_text(line + "\n")
    with pytest.raises(LedgerError, match=r"ledger\.jsonl:1: the first line is not a contract"):
        read(path)


def test_a_schema_of_another_version_is_said(tmp_path: Path) -> None:
    path = tmp_path / "ledger.jsonl"
    path.write_text('{"schema": 99, "contract": {}}\n')
    with pytest.raises(LedgerError, match="schema 99, and of JSON lines this harness reads 1"):
        read(path)


@pytest.mark.parametrize(
    "line",
    [
        "no json",
        "[]",
        '["s", 9]',
        '["x", 1]',
        '["f", "no-such-kind", "o", 1, 2, {}]',
        "3",
        '{"a": 1}',
        "[[1]]",
        "1],[1",
        '["s",-1,"k","n","s",1,null,"o",1,1,null,{}]',
    ],
)
def test_a_line_that_is_not_a_record_is_told_with_its_number(tmp_path: Path, line: str) -> None:
    path = write(tmp_path / "ledger.jsonl", broadcast().ledger())
    lines = path.read_text().split("\n")
    lines[4] = line
    path.write_text("\n".join(lines))
    with pytest.raises(LedgerError, match=r"ledger\.jsonl:5: this line is not a record"):
        read(path)


def test_text_that_is_not_utf8_is_told(tmp_path: Path) -> None:
    path = write(tmp_path / "ledger.jsonl", broadcast().ledger())
    path.write_bytes(path.read_bytes() + b'["f", "\xff"]\n')
    with pytest.raises(LedgerError, match=r"this line is not a record .*utf-8"):
        read(path)
