"""Fields of an event's data that stand in a row's text, where the target's pattern has a group for them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from harness.judge.rows.reads import compare, is_number, is_text
from harness.judge.rows.row import Looked, Row
from harness.record.evidence import Evidence
from tests.support.history import clean, event, load

READS = r"^(?P<van>\S+) at (?P<place__lat>[^,]+),(?P<place__lon>\S+) \((?P<speed>.+)\)$"
DATA = {"van": "van-1", "place": {"lat": 52.51, "lon": -13.3996}, "speed": 71.5}


def wrong(text: str, data: Any = DATA) -> tuple[int, list[str | None]]:
    """How many fields were compared, and which are others."""
    history = clean().promising(row_reads=READS)
    one = replace(event(1), digest="d-1")
    looked = Looked()
    evidence = Evidence(replace(history.ledger(), payloads={"d-1": data}))
    compare(looked, evidence, [(one, Row(one.key, text, False))], load("A"))
    return looked.checks, [why.field for _, _, why in looked.wrong]


def test_a_row_that_says_what_its_event_says_is_right() -> None:
    assert wrong("van-1 at 52.510,-13.400 (72 km/h)") == (4, [])


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("van-2 at 52.510,-13.400 (72 km/h)", "van"),
        ("van-1 at 13.400,-13.400 (72 km/h)", "place.lat"),
        ("van-1 at 52.510,13.400 (72 km/h)", "place.lon"),
        ("van-1 at 52.510,-13.400 (NaN km/h)", "speed"),
        ("van-1 at 52.510,-13.400 (73 km/h)", "speed"),
    ],
)
def test_a_field_of_another_value_is_told(text: str, field: str) -> None:
    assert wrong(text)[1] == [field]


def test_what_an_event_does_not_say_is_not_compared() -> None:
    assert wrong("van-1 at 52.510,-13.400 (72 km/h)", {"van": "van-1"}) == (1, [])
    assert wrong("van-1 at 52.510,-13.400 (72 km/h)", None) == (0, [])


@pytest.mark.parametrize(
    ("expected", "shown", "is_right"),
    [(3, "3", True), (3, "3.4", False), (1250, "€ 1,250", True), (2.5, "3", True), (2.4, "3", False), (-2, "−2", True)],
)
def test_whole_numbers_are_exact_and_others_rounded(expected: float, shown: str, is_right: bool) -> None:
    assert is_number(expected, shown, "n") is is_right


@pytest.mark.parametrize(
    ("expected", "shown", "is_right"),
    [("Buy  bread", "BUY bread", True), ("Buy bread", "Buy br…", True), ("Buy bread", "Buy", False), ("a", "b", False)],
)
def test_texts_are_whole_or_shortened_with_an_ellipsis(expected: str, shown: str, is_right: bool) -> None:
    assert is_text(expected, shown) is is_right
