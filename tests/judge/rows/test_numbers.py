"""Numbers that rows show, against those of their events."""

from __future__ import annotations

from typing import Any

from harness.model import Answer, Aspect, Kind
from tests.support.shown_rows import TITLES, shown

COUNTS = (12, 30, 48, 67, 150, 21, 95)
PRICES = (3.5, 18.25, 22.4, 144.1, 7.99, 61.3, 80.75)


def carried(title: str) -> Any:
    place = TITLES.index(title)
    return {"count": COUNTS[place], "price": PRICES[place], "at": "2026-12-30T21:48:12+00:00"}


def wrong(texts: list[str]) -> list[tuple[str | None, str | None]]:
    found = [each for each in shown(texts=texts, carried=carried).outcomes if each.kind is Kind.MISRENDERED]
    assert {each.finding.aspect for each in found} <= {Aspect.ROW_TEXT}
    return [(each.key, each.finding.field) for each in found]


def test_rows_that_show_the_number_of_the_event_before_are_wrong() -> None:
    behind = [COUNTS[0], *COUNTS[:-1]]
    assert wrong([f"x × {count}" for count in behind]) == [(f"main/{place}", "count") for place in range(2, 8)]
    prices = [PRICES[0], *PRICES[:-1]]
    assert {field for _, field in wrong([f"x €{price:.2f}" for price in prices])} == {"price"}


def test_rows_that_show_their_own_numbers_or_none_pass() -> None:
    assert wrong([f"x × {count}, €{price:.2f}" for count, price in zip(COUNTS, PRICES, strict=True)]) == []
    assert wrong([f"x {count} kg" for count in COUNTS]) == []
    assert wrong(["x"] * len(COUNTS)) == []


def test_numbers_that_stand_for_something_else_tell_nothing() -> None:
    assert wrong([f"x 12:30:{second}" for second in (48, 12, 30, 21, 48, 12, 30)]) == [], "times"
    assert wrong([f"x #{place}" for place in range(9, 16)]) == [], "places in the list, of which one is a count"
    assert wrong([f"x {count + 1}" for count in COUNTS]) == [], "numbers of no event"
    assert shown(texts=[f"x {text}" for text in TITLES], carried=carried).answer is Answer.PASSED
