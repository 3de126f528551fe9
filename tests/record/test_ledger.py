"""The record of a run is what was written, and says whether it is whole, cut off or changed."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from harness.model import Event, Fact, Hop, Record, Sighting, Told
from harness.model.facts import Acknowledged, CliMessage, Notice, StepBegun, TapTried, Unrouted, View
from harness.record.blocks import FIRST_LINE
from harness.record.jsonl import encode
from harness.record.ledger import Ending, Ledger, LedgerError, exported, find, read
from harness.record.writer import LedgerWriter
from tests.support.ledgers import Story
from tests.support.stories import broadcast, subscription

ROOT = Path(__file__).resolve().parents[2]
CONTRACT = broadcast().contract
HOSTILE = "\u202egpj.exe \x1b[31m <script>\ud800 \u2028 \x00 \"'\\ \n 🎉"
EVENT = Event("s/1", "x", "s", 1, "00ff00ff00ff00ff")

texts = some.text(max_size=8) | some.sampled_from(["s", "s/1", "/1", "a/b/2", "s/01", "s/-1", HOSTILE, "1/٣"])
numbers = some.integers(-(1 << 60), 1 << 61)
json_data = some.recursive(
    some.none() | some.booleans() | some.integers() | some.floats(allow_nan=False) | texts,
    lambda inner: some.lists(inner, max_size=3) | some.dictionaries(texts, inner, max_size=3),
    max_leaves=6,
)
details = some.dictionaries(texts, json_data, max_size=3)
events = some.builds(
    Event, texts, texts, some.none() | texts, some.none() | some.integers(), some.none() | texts | some.just("0" * 16)
)
sightings = some.builds(
    Sighting, some.sampled_from(Hop), events, texts, numbers, numbers,
    some.none() | some.lists(texts, max_size=3).map(tuple), details,
)  # fmt: skip
keys = some.lists(texts, max_size=3).map(tuple)
bodies = (
    some.builds(Notice, texts, json_data)
    | some.builds(Acknowledged, texts, some.booleans(), some.none() | texts)
    | some.builds(Unrouted, some.none() | texts, keys, rooms=some.dictionaries(texts, some.lists(texts), max_size=2))
    | some.builds(View, some.none() | numbers, rows=some.none() | keys, state_events=some.none() | keys)
    | some.builds(TapTried, texts, some.lists(some.sampled_from(Hop), max_size=2).map(tuple), texts, some.booleans())
)
facts = some.builds(Fact, texts, numbers, numbers, bodies)


def write(path: Path, records: list[Record], flushed: int = 5) -> Path:
    """A ledger whose blocks have so many records."""
    with LedgerWriter(path, CONTRACT) as writer:
        for place, record in enumerate(records):
            writer.write(record)
            if place % flushed == 0:
                writer.flush()
    return path


def recorded(ledger: Ledger) -> list[list[Any]]:
    return [encode(record) for record in ledger.records()]


def places_of_blocks(stored: bytes) -> list[tuple[int, int]]:
    """From where to where each block goes."""
    found, place = [], len(FIRST_LINE)
    while place < len(stored):
        end = place + 37 + int.from_bytes(stored[place + 1 : place + 5], "little")
        found.append((place, end))
        place = end
    return found


@pytest.mark.parametrize("tell", [broadcast, subscription])
def test_a_ledger_reads_back_as_it_was_written(tmp_path: Path, tell: Callable[[], Story]) -> None:
    ledger = tell().ledger()
    with LedgerWriter(tmp_path / "run.ledger", ledger.contract) as writer:
        for record in ledger.records():
            writer.write(record)
    found = read(tmp_path / "run.ledger")
    assert found.contract == ledger.contract
    assert recorded(found) == recorded(ledger)
    assert found.ending is Ending.COMPLETE
    assert len(found.checksum) == 32


@given(records=some.lists(sightings | facts, max_size=12))
@settings(max_examples=150)
def test_any_records_read_back_as_they_were_written_and_in_their_order(
    records: list[Record], tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = write(tmp_path_factory.mktemp("any") / "run.ledger", records, flushed=4)
    found = read(path)
    assert [*found.records()] == [*Ledger.of(CONTRACT, records).records()]
    assert [repr(each) for each in found.records()] == [repr(each) for each in Ledger.of(CONTRACT, records).records()]
    (path.parent / "ledger.jsonl").write_text("".join(exported(found)), "utf-8")
    assert "".join(exported(found)).count("\n") == len(records) + 1
    assert recorded(read(path.parent / "ledger.jsonl")) == recorded(found)


def test_it_is_exported_in_the_order_in_which_it_was_written(tmp_path: Path) -> None:
    ledger = broadcast().ledger()
    records: list[Record] = sorted(ledger.records(), key=lambda each: each.at_ns)
    found = read(write(tmp_path / "run.ledger", records))
    lines = [*exported(found)][1:]
    assert lines == [*exported(Ledger(CONTRACT, (), ()))][1:] + lines
    assert [line[:4] for line in lines] == ['["s"' if isinstance(each, Sighting) else '["f"' for each in records]


def test_what_events_say_is_kept_once_without_secrets(tmp_path: Path) -> None:
    told = replace(EVENT, told=Told({"token": "s3cret", "a": 1}, {"args": [1]}, "rest"))
    seen: list[Record] = [Sighting(hop, told, "server", hop, hop) for hop in Hop]
    path = write(tmp_path / "run.ledger", seen)
    kept = read(path).payloads
    assert len(kept) == 2 and kept["00ff00ff00ff00ff"]["a"] == 1 and kept["rest"] == {"args": [1]}
    assert b"s3cret" not in path.read_bytes()


@pytest.mark.parametrize("text", [HOSTILE, "", "a" * 1_000_000])
def test_hostile_text_survives(tmp_path: Path, text: str) -> None:
    fact = Fact("dashboard:A.1", 1, 2, Notice(text, {text: [None, 1.5, {"x": text}]}))
    assert [*read(write(tmp_path / "run.ledger", [fact])).facts] == [fact]


def test_what_json_cant_say_is_said_in_its_place_and_the_rest_is_kept(tmp_path: Path) -> None:
    deep: list[Any] = []
    for _ in range(100_000):
        deep = [deep]
    told = [Fact("dashboard:A.1", n, n, Notice("x", each)) for n, each in enumerate((deep, {1, 2}, 3))]
    first, second, third = read(write(tmp_path / "run.ledger", [*told])).facts
    assert "RecursionError" in str(first.body) and "TypeError" in str(second.body) and third == told[2]


def test_what_was_cut_off_anywhere_is_the_beginning_of_what_was_written_and_says_so(tmp_path: Path) -> None:
    ledger = broadcast().ledger()
    whole = write(tmp_path / "run.ledger", [*ledger.records()], flushed=40)
    stored, written = whole.read_bytes(), recorded(read(whole))
    ends = [end for _, end in places_of_blocks(stored)]
    cut = tmp_path / "cut.ledger"
    for end in (*ends[:-1], *(end - 1 for end in ends[1:]), *(end + 20 for end in ends[:-1])):
        cut.write_bytes(stored[:end])
        found = read(cut)
        assert found.ending is Ending.CUT, end
        assert len(recorded(found)) < len(written) or end >= ends[-2]
        assert all(record in written for record in recorded(found))
        assert read(cut, is_running=True).ending is Ending.COMPLETE, "a run that goes on has no end yet"


@pytest.mark.parametrize("change", ["a byte", "a block left out", "blocks swapped", "more at the end", "another end"])
def test_what_was_changed_says_so(tmp_path: Path, change: str) -> None:
    path = write(tmp_path / "run.ledger", [*broadcast().ledger().records()], flushed=40)
    other = write(tmp_path / "other.ledger", [*subscription().ledger().records()]).read_bytes()
    stored = path.read_bytes()
    parts = [stored[start:end] for start, end in places_of_blocks(stored)]
    changed = {
        "a byte": [parts[0], parts[1][:60] + bytes([parts[1][60] ^ 1]) + parts[1][61:], *parts[2:]],
        "a block left out": [parts[0], *parts[2:]],
        "blocks swapped": [parts[0], parts[2], parts[1], *parts[3:]],
        "more at the end": [*parts, parts[1]],
        "another end": [*parts[:-1], other[slice(*places_of_blocks(other)[-1])]],
    }[change]
    path.write_bytes(FIRST_LINE + b"".join(changed))
    found = read(path)
    assert found.ending is read(path, is_running=True).ending is Ending.TAMPERED
    assert len(recorded(found)) < len(recorded(broadcast().ledger())) or change in ("more at the end", "another end")


@given(place=some.integers(0, 1 << 30), bit=some.integers(0, 7))
@settings(max_examples=300)
def test_no_changed_bit_leaves_it_whole(stored: Path, place: int, bit: int) -> None:
    whole = stored.read_bytes()
    place %= len(whole)
    changed = stored.parent / "changed.ledger"
    changed.write_bytes(whole[:place] + bytes([whole[place] ^ 1 << bit]) + whole[place + 1 :])
    with contextlib.suppress(LedgerError):
        assert read(changed).ending is not Ending.COMPLETE


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write(tmp_path_factory.mktemp("stored") / "run.ledger", [*broadcast().ledger().records()], flushed=60)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "the first line is not a contract"),
        (b"no ledger", "the first line is not a contract"),
        (b"event-stream-harness ledger 3\n", "it begins with .* 3.*, and this harness reads 2"),
        (FIRST_LINE, "there is no contract in it"),
    ],
)
def test_what_is_not_a_ledger_is_told(tmp_path: Path, content: bytes, said: str) -> None:
    (tmp_path / "run.ledger").write_bytes(content)
    with pytest.raises(LedgerError, match=rf"run\.ledger:.*{said}"):
        read(tmp_path / "run.ledger")


def test_what_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(LedgerError, match=r"no ledger can be read here .* Name the folder of a run"):
        read(find(tmp_path))


def test_a_run_that_was_kept_as_json_lines_is_found(tmp_path: Path) -> None:
    (tmp_path / "ledger.jsonl").write_text("".join(exported(broadcast().ledger())))
    assert find(tmp_path).name == "ledger.jsonl"
    write(tmp_path / "run.ledger", [])
    assert find(tmp_path).name == "run.ledger"


def test_records_may_be_written_by_several_threads(tmp_path: Path) -> None:
    path = tmp_path / "run.ledger"
    with LedgerWriter(path, CONTRACT) as writer:

        def write_many(observer: str) -> None:
            for n in range(500):
                writer.write(Fact(observer, n, n, CliMessage("x" * n)))

        threads = [threading.Thread(target=write_many, args=(f"cli:{i}",)) for i in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    found = read(path).facts
    assert [(fact.observer, fact.n) for fact in sorted(found, key=lambda each: (each.observer, each.n))] == [
        (f"cli:{i}", n) for i in range(4) for n in range(500)
    ]


def test_what_comes_after_the_end_is_dropped_and_closing_twice_is_nothing(tmp_path: Path) -> None:
    writer = LedgerWriter(tmp_path / "run.ledger", CONTRACT)
    record: Record = Fact("harness", 1, 1, StepBegun("x"))
    writer.write(record)
    writer.flush()
    assert [*read(tmp_path / "run.ledger", is_running=True).facts] == [record]
    writer.close()
    writer.close()
    writer.flush()
    writer.write(record)
    assert [*read(tmp_path / "run.ledger").facts] == [record]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device here is always full")
def test_a_disk_that_is_full_is_told_when_it_is_flushed_and_closed(tmp_path: Path) -> None:
    writer = LedgerWriter(tmp_path / "run.ledger", CONTRACT)
    writer._file.close()
    writer._file = Path("/dev/full").open("wb", buffering=0)  # noqa: SIM115  # `close` closes it
    writer.write(Fact("harness", 1, 1, StepBegun("x")))
    with pytest.raises(OSError, match="No space left"):
        writer.flush()
    with pytest.raises(OSError, match="No space left"):
        writer.close()
    assert writer._file.closed


KILLED = """
import sys
from pathlib import Path
from harness.model import Fact
from harness.model.facts import StepBegun
from harness.record.writer import LedgerWriter
from tests.record.test_ledger import CONTRACT
writer = LedgerWriter(Path(sys.argv[1]), CONTRACT)
writer.write(Fact("harness", 1, 1, StepBegun("x")))
sys.stdin.read()
"""


def test_a_record_of_a_killed_process_is_on_the_disk_without_a_flush(tmp_path: Path) -> None:
    path = tmp_path / "run.ledger"
    with subprocess.Popen([sys.executable, "-c", KILLED, str(path)], stdin=subprocess.PIPE, cwd=ROOT) as child:
        deadline = time.monotonic() + 60
        while not (path.is_file() and len(places_of_blocks(path.read_bytes())) > 1):
            assert time.monotonic() < deadline and child.poll() is None
            threading.Event().wait(0.01)
        os.kill(child.pid, signal.SIGKILL)
    found = read(path)
    assert found.ending is Ending.CUT
    assert [fact.body for fact in found.facts] == [StepBegun("x")]
