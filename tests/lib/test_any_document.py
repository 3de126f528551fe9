"""Documents of others, changed anywhere: each is read, or refused in words, and by no exception of Python's own."""

from __future__ import annotations

import copy
import json
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from harness.gate import baseline
from harness.gate.observed import GateError, observe
from harness.lib import documents
from harness.locations import BUNDLE
from harness.reporting import allure_results
from harness.selftest.survival.outcome import PartError, read_part
from harness.target import asyncapi
from harness.target.file import read as target_file
from harness.target.file.build import build
from harness.target.process import TargetError

TARGETS = BUNDLE / "fixtures" / "targets"

RUN = {
    "target": "orders", "strategy": "broadcast", "verdict": "passed", "hops": {"emitted": 3, "applied": None},
    "taps": {"emitted": "alive"}, "properties": {"P1": "proven"}, "outcomes": {"lost": [{"key": "s/1"}]},
    "blame": [{"cause": "room-mismatch"}],
}  # fmt: skip
RESULT = {
    "uuid": "1", "historyId": "2", "fullName": "a#b", "name": "b", "status": "failed", "start": 1, "stop": 2,
    "statusDetails": {"message": "no", "trace": "x"}, "labels": [{"name": "suite", "value": "a"}],
    "parameters": [{"name": "n", "value": "1"}],
}  # fmt: skip
PART = {
    "fault": "reload", "strategy": "broadcast", "seed": 1, "answer": "passed", "lost": 0, "doubled": 0, "leaked": 0,
    "recovered_s": 0.1, "took_s": 3.0, "why": "",
}  # fmt: skip

STRANGE: Any = some.recursive(
    some.none() | some.booleans() | some.integers() | some.floats() | some.text(max_size=6)
    | some.sampled_from(["\x1b[31m", "²", "(a+)+$", "{nothing}", "../..", "\x00", "-6", "*", "§" * 300]),
    lambda inner: some.lists(inner, max_size=3) | some.dictionaries(some.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)  # fmt: skip


def _changed(document: Any, data: some.DataObject) -> Any:
    """The document with something else at one to three of its places, or without what was there."""
    whole = {"": copy.deepcopy(document)}
    for _ in range(data.draw(some.integers(1, 3))):
        at: Any = whole
        key: Any = ""
        while isinstance(at[key], dict | list) and at[key] and data.draw(some.integers(0, 4)):
            at = at[key]
            key = data.draw(some.sampled_from([*at] if isinstance(at, dict) else [*range(len(at))]))
        if isinstance(at, dict) and key != "" and data.draw(some.booleans()):
            del at[key]
        else:
            at[key] = data.draw(STRANGE)
    return whole[""]


def _gate(folder: Path, said: bytes) -> None:
    node = documents.parsed(said, "verdict.json")
    observe(node.listed() if isinstance(node.value, list) else [node])


def _baseline(folder: Path, said: bytes) -> None:
    baseline.parsed(said, "baseline.json")


def _allure(folder: Path, said: bytes) -> None:
    (folder / "1-result.json").write_bytes(said)
    allure_results.read([folder])


def _described(folder: Path, said: bytes) -> None:
    (folder / "asyncapi.json").write_bytes(said)
    asyncapi.read(folder / "asyncapi.json").checker()


def _part(folder: Path, said: bytes) -> None:
    (folder / "part.jsonl").write_bytes(said.replace(b"\n", b" "))
    read_part(folder / "part.jsonl")


def _asyncapi() -> Any:
    yaml = pytest.importorskip("yaml")
    return yaml.safe_load((TARGETS / "node" / "asyncapi.yaml").read_text("utf-8"))


BASELINE = json.loads(baseline.written(baseline.accept(observe([documents.parsed(json.dumps(RUN), "run")]))))

DOORS: dict[str, tuple[Callable[[Path, bytes], None], Callable[[], Any], tuple[type[Exception], ...]]] = {
    "a verdict": (_gate, lambda: RUN, (GateError, documents.Misshapen)),
    "a baseline": (_baseline, lambda: BASELINE, (GateError,)),
    "an Allure result": (_allure, lambda: RESULT, (allure_results.ResultsError,)),
    "an AsyncAPI document": (_described, _asyncapi, (TargetError,)),
    "a campaign's part": (_part, lambda: PART, (PartError,)),
}


def _refusal(take: Callable[[], object], refusals: tuple[type[Exception], ...]) -> str:
    """What is said where a document is refused; empty where it is read."""
    try:
        take()
    except refusals as error:
        return str(error)
    return ""


def _is_plain(said: str, lines: int = 2) -> bool:
    """Whether it is told as commands tell it: a line or two, without an exception's name or anything for a terminal."""
    return said.count("\n") < lines and "Error" not in said and "\x1b" not in said and "Traceback" not in said


@pytest.mark.parametrize("door", DOORS)
@given(data=some.data())
@settings(max_examples=120, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
def test_a_document_is_read_or_refused_in_words(door: str, data: some.DataObject, tmp_path: Path) -> None:
    take, seed, refusals = DOORS[door]
    said = json.dumps(_changed(seed(), data)).encode()
    if data.draw(some.integers(0, 9)) == 0:
        place = data.draw(some.integers(0, len(said)))
        said = said[:place] + data.draw(some.binary(max_size=3)) + said[place + data.draw(some.integers(0, 3)) :]
    told = _refusal(lambda: take(tmp_path, said), refusals)
    assert _is_plain(told), told


@pytest.mark.parametrize("name", ["flask", "node", "aiohttp"])
@given(data=some.data())
@settings(max_examples=60)
def test_a_target_file_is_built_or_refused_with_its_lines(name: str, data: some.DataObject) -> None:
    path = TARGETS / name / "target.toml"
    said = _changed(tomllib.loads(path.read_text("utf-8")), data)
    told = _refusal(lambda: build(target_file.check(_toml(said), path), path), (TargetError,))
    assert _is_plain(told, lines=200), told


def _toml(said: Any) -> str:
    """Every key on a line of its own; what TOML has no value for is written as JSON has it, and refused."""
    if not isinstance(said, dict):
        return json.dumps(said)
    return "\n".join(f"{json.dumps(str(key))} = {_value(value)}" for key, value in said.items())


def _value(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(str(key))} = {_value(each)}" for key, each in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_value, value)) + "]"
    return json.dumps(value)
