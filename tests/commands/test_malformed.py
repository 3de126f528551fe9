"""Files that are damaged, or are something else: one line with file and place, status 2, and never a traceback."""

from __future__ import annotations

import copy
import gzip
import json
import os
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from harness.commands.parser import main
from harness.commands.stored import last_failed
from harness.record.ledger import FILE, FORMER_FILE
from tests.support.places import places

LEDGER = gzip.decompress((Path(__file__).parents[1] / "ledgers" / "bad-token.jsonl.gz").read_bytes()).decode()

RUN = {
    "target": "reference",
    "strategy": "broadcast",
    "verdict": "failed",
    "hops": {"0": 10, "1": None},
    "taps": {"0": "alive"},
    "properties": {"P1": "violated"},
    "outcomes": {"lost": [{"event": "s/1"}]},
    "blame": [{"cause": "room-mismatch"}],
}
BASELINE = {
    "schema": 1,
    "runs": {
        "reference/broadcast": {
            "verdict": "passed",
            "hops": {"0": 10},
            "taps": {},
            "properties": {"P1": "held"},
            "outcomes": {"lost": 1},
            "causes": [],
        }
    },
    "known": [{"run": "reference/*", "until": "2031-12-24", "why": "known", "rule": "outcome"}],
}
RESULT = {
    "uuid": "1",
    "historyId": "h",
    "name": "n",
    "fullName": "f",
    "status": "failed",
    "statusDetails": {"message": "m"},
    "labels": [{"name": "cause", "value": "x"}],
    "start": 1,
    "stop": 2,
}
TALLY = {"system": "", "tests": {"tests/a.py::b": ["tests/a.py", 3]}}
WRONG: tuple[Any, ...] = (None, 5, -1.5, True, "x", [], [None], {}, {"a": []}, float("nan"), 10**400, "\x1b[2J\u202e")


def mutants(right: Any, chance: random.Random, count: int) -> Iterator[bytes]:
    """Documents that have one thing wrong, by structure or by bytes."""
    text = json.dumps(right)
    yield from (b"", b"\xff\xfe", b"null", b"[]", b'"x"', b"5", b"[" * 100_000, b"9" * 5000, b"{", text[:-3].encode())
    for _ in range(count):
        made = copy.deepcopy(right)
        at = chance.choice([*places(made)])
        holder, key = made, at[-1]
        for each in at[:-1]:
            holder = holder[each]
        if isinstance(holder, dict) and chance.random() < 0.3:
            del holder[key]
        else:
            holder[key] = chance.choice(WRONG)
        yield json.dumps(made).encode()
        raw = bytearray(text.encode())
        raw[chance.randrange(len(raw))] = chance.randrange(256)
        yield bytes(raw)


def told(
    argv: list[str], file: Path, document: bytes, allowed: set[int], capsys: pytest.CaptureFixture[str]
) -> list[str]:
    """What is wrong with how a command takes a document."""
    file.write_bytes(document)
    status = main(argv)
    said = capsys.readouterr()
    wrong = [] if status in {2, *allowed} else [f"status {status}"]
    if status == 2:
        lines = said.err.strip().splitlines()
        wrong += [] if file.name in said.err else ["the file is not named"]
        wrong += [f"{len(lines)} lines"] if len(lines) > 2 else []
        wrong += [] if all(line.isprintable() for line in lines) else ["it is raw"]
        wrong += [f"{word!r}" for word in ("Error:", "Traceback", "NoneType", "object is not") if word in said.err]
    return [f"{each}: {said.err[:300]!r} for {document[:300]!r}" for each in wrong]


Case = tuple[Callable[[Path], list[str]], str, Any, set[int]]

CASES: dict[str, Case] = {
    "verdict.json": (lambda d: ["gate", str(d), "--baseline", str(d / "right.json")], "verdict.json", RUN, {0, 1, 3}),
    "a baseline": (
        lambda d: ["gate", str(d / "run.json"), "--baseline", str(d / "b.json")],
        "b.json",
        BASELINE,
        {0, 1, 3},
    ),
    "an Allure result": (lambda d: ["summary", str(d)], "1-result.json", RESULT, {0}),
    "a tally": (lambda d: ["summary", str(d)], "1-tally.json", TALLY, {0}),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_every_mutant_of_a_document_is_told_in_a_line(
    case: Case, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    argv, name, right, allowed = case
    for other, document in (("right.json", BASELINE), ("run.json", RUN), ("2-result.json", RESULT)):
        (tmp_path / other).write_text(json.dumps(document))
    assert told(argv(tmp_path), tmp_path / name, json.dumps(right).encode(), allowed, capsys) == []
    found = [
        line
        for document in mutants(right, random.Random(name), 60)
        for line in told(argv(tmp_path), tmp_path / name, document, allowed, capsys)
    ]
    assert found == []


def test_every_mutant_of_a_ledger_is_judged_or_told_in_a_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    chance = random.Random(5)
    lines = LEDGER.splitlines()
    found = []
    for number in range(40):
        made = list(lines)
        at = 0 if number % 3 == 0 else chance.randrange(len(made))
        made[at] = chance.choice([*mutants(json.loads(made[at]), chance, 4)]).decode("utf-8", "replace")
        document = "\n".join(made).encode()
        found += told(["judge", str(tmp_path)], tmp_path / FORMER_FILE, document, {0, 1, 3}, capsys)
    assert found == []


@pytest.mark.parametrize("document", [b"", b"[]", b"{}", b"null", b"[" * 100_000, b"\xff\xfe", b'{"seconds": "x"}'])
def test_an_invalid_kept_verdict_is_made_anew_and_hides_no_other_run(
    document: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is read for how long the run took, by the index, and for which runs failed last."""
    monkeypatch.setenv("HARNESS_RUNS", str(tmp_path))
    for name in ("broken", "other"):
        (tmp_path / name).mkdir()
        (tmp_path / name / FORMER_FILE).write_text(LEDGER)
    (tmp_path / "other" / "verdict.json").write_text(json.dumps(RUN))
    kept = tmp_path / "broken" / "verdict.json"
    kept.write_bytes(document)
    assert last_failed("reference", ["broadcast"], tmp_path) == ()
    assert main(["index", "--no-open"]) == 0
    assert "room-mismatch" in (tmp_path / "index.html").read_text()
    assert main(["judge", str(tmp_path / "broken"), "--quiet"]) == 1
    assert json.loads(kept.read_text())["seconds"] == 0


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes here")
def test_what_is_not_a_file_is_not_waited_for(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    os.mkfifo(tmp_path / FORMER_FILE)
    (tmp_path / FILE).symlink_to("/dev/zero")
    assert main(["judge", str(tmp_path)]) == 2
    assert "it is not a regular file" in capsys.readouterr().err
    (tmp_path / FILE).unlink()
    (tmp_path / FORMER_FILE).rename(tmp_path / FILE)
    assert main(["judge", str(tmp_path)]) == 2
    assert "it is not a regular file" in capsys.readouterr().err


def test_an_unknown_strategy_is_wrong_use(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    head = json.loads(LEDGER.splitlines()[0])
    head["contract"]["strategy"] = "brodcast"
    document = "\n".join([json.dumps(head), *LEDGER.splitlines()[1:]]).encode()
    assert told(["judge", str(tmp_path)], tmp_path / FORMER_FILE, document, set(), capsys) == []
