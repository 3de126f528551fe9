"""What a ledger says is read by the types of its fields; what does not fit is named with its place."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from harness.model import Body, Hop, Json
from harness.model.facts import KINDS
from harness.record.plain import plain
from harness.record.typed import Misfit, reader


@dataclass(frozen=True, slots=True)
class Part:
    text: str
    count: int | None = None


@dataclass(frozen=True, slots=True)
class Whole:
    name: str
    hops: tuple[Hop, ...] = ()
    parts: Mapping[str, Part] = field(default_factory=dict)
    ratio: float = 0.0
    is_so: bool = False
    anything: Json = None
    listed: Sequence[Json] = ()
    either: str | tuple[str, ...] | None = None
    part: Part | None = None


GOOD: dict[str, Any] = {
    "name": "a",
    "hops": [0, 6],
    "parts": {"x": {"text": "t"}, "y": {"text": "u", "count": 3}},
    "ratio": 2,
    "is_so": True,
    "anything": [{"a": None}],
    "listed": [1, "b"],
    "either": ["a", "b"],
    "part": {"text": "v"},
}


def test_what_fits_is_read_and_written_as_it_was() -> None:
    found = reader(Whole)(GOOD)
    assert found == Whole(
        "a", (Hop.EMITTED, Hop.RENDERED), {"x": Part("t"), "y": Part("u", 3)}, 2, True, [{"a": None}], [1, "b"],
        ("a", "b"), Part("v"),
    )  # fmt: skip
    assert json.loads(json.dumps(plain(found))) == GOOD


def test_names_of_a_later_version_are_ignored() -> None:
    assert reader(Part)({"text": "t", "colour": "red"}) == Part("t")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"name": 7}, "`name` must be a text, and is 7"),
        ({"name": None}, "`name` must be a text, and is null"),
        ({"hops": 3}, "`hops` must be a list of integers, and is 3"),
        ({"hops": [0, 9]}, "`hops[1]` must be an integer from 0 to 6, and is 9"),
        ({"hops": [True]}, "`hops[0]` must be an integer from 0 to 6, and is true"),
        ({"parts": []}, "`parts` must be an object, and is []"),
        ({"parts": {"x": {}}}, "`parts.x.text` is missing, and must be a text"),
        ({"parts": {"x": {"text": "t", "count": "7"}}}, '`parts.x.count` must be an integer or null, and is "7"'),
        ({"parts": {"x\u001b[31m": 1}}, "`parts.x\\u001b[31m` must be an object, and is 1"),
        ({"ratio": float("nan")}, "`ratio` must be a finite number, and is NaN"),
        ({"ratio": 10**100}, "`ratio` must be a finite number, and is 1" + 59 * "0" + "…"),
        ({"is_so": 1}, "`is_so` must be true or false, and is 1"),
        ({"listed": "b"}, '`listed` must be a list of values, and is "b"'),
        ({"either": 7}, "`either` must be a text or a list or null, and is 7"),
        ({"either": ["a", 7]}, "`either[1]` must be a text, and is 7"),
        ({"part": {"text": 1}}, "`part.text` must be a text, and is 1"),
        ({"part": "v"}, '`part` must be an object or null, and is "v"'),
    ],
)
def test_what_does_not_fit_is_named_with_its_place(change: dict[str, Any], message: str) -> None:
    with pytest.raises(Misfit) as raised:
        reader(Whole)({**GOOD, **change})
    assert str(raised.value) == message


@pytest.mark.parametrize("found", [None, 1, "a", [], True])
def test_what_is_not_an_object_is_told(found: object) -> None:
    with pytest.raises(Misfit, match="it must be an object, and is"):
        reader(Part)(found)


ANYTHING = some.recursive(
    some.none() | some.booleans() | some.integers() | some.floats() | some.text(some.characters(), max_size=5),
    lambda inner: some.lists(inner, max_size=3) | some.dictionaries(some.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@given(kind=some.sampled_from(sorted(KINDS)), data=some.data())
def test_any_json_is_read_or_named(kind: str, data: some.DataObject) -> None:
    names = some.sampled_from(sorted(KINDS[kind].__dataclass_fields__)) | some.text(max_size=3)
    said = data.draw(some.dictionaries(names, ANYTHING, max_size=6) | ANYTHING)
    try:
        found: Body | None = reader(KINDS[kind])(said)
        told = ""
    except Misfit as misfit:
        found, told = None, str(misfit)
    assert told.isprintable() and len(told) < 400
    if found is not None and "nan" not in repr(found):  # which is equal to nothing
        assert reader(KINDS[kind])(json.loads(json.dumps(plain(found)))) == found
