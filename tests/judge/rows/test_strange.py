"""Numbers at one place of the rows of a name: their events' own, what follows from those, and what is neither."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from harness.model import Answer, Aspect
from tests.support.shown_rows import KEYS, TITLES, found, shown

KM = (12431, 8172, 90317, 45528, 7713, 31004, 62990)


def carried(title: str) -> Any:
    return {"title": title, "km": KM[TITLES.index(title)], "price": 4 + TITLES.index(title) % 3}


def rows(number: Callable[[int], object], unit: str = "km") -> list[str]:
    return [f"{title} at {number(at)} {unit}" for at, title in enumerate(TITLES)]


def test_a_number_where_the_others_have_their_events_own_is_wrong() -> None:
    assert shown(texts=rows(lambda at: KM[at]), carried=carried).answer is Answer.PASSED
    assert shown(texts=rows(lambda at: f"{KM[at]:,}"), carried=carried).answer is Answer.PASSED
    [wrong] = found(shown(texts=rows(lambda at: 41111 if at == 2 else KM[at]), carried=carried), Aspect.ROW_TEXT)
    assert (wrong.key, wrong.finding.expected, wrong.finding.found) == (KEYS[2], "90317", "41111")


@pytest.mark.parametrize("wrongly", [lambda km: km + 7, lambda km: km // 10, lambda km: round(km * 0.621)])
def test_numbers_that_no_event_says_were_not_compared(wrongly: Callable[[int], int]) -> None:
    verdict = shown(texts=rows(lambda at: wrongly(KM[at])), carried=carried)
    [doubt] = found(verdict, Aspect.ROW_NUMBER)
    assert verdict.answer is Answer.UNKNOWN
    assert (doubt.finding.found, doubt.finding.other) == (str(wrongly(KM[0])), "x")


@pytest.mark.parametrize(
    ("number", "unit"),
    [
        (lambda at: at + 1, "in all"),
        (lambda at: 7 - at, "left"),
        (lambda at: sum(KM[: at + 1]), "km together"),
        (lambda at: KM[at] * (4 + at % 3), "cents"),
        (lambda at: 130 * at, "ms"),
        (lambda at: 3, "of us"),
        (lambda at: f"1.{at}.0", "or later"),
        (lambda at: f"12:0{at}", "o'clock"),
    ],
)
def test_numbers_that_count_add_up_or_tell_the_time_are_the_page_s(number: Callable[[int], object], unit: str) -> None:
    assert found(shown(texts=rows(number, unit), carried=carried), Aspect.ROW_NUMBER) == []
