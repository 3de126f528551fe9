"""Dates that rows show, against those of their events."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from harness.model import Answer, Aspect, Kind
from tests.support.shown_rows import TITLES, shown

DUE = ("2026-03-04", "2026-11-25", "2026-07-09", "2026-02-11", "2026-10-30", "2026-08-05", "2026-05-05")
TEN = tuple(f"{day}T10:00:00+00:00" for day in DUE)


def carried(title: str) -> Any:
    return {"due": DUE[TITLES.index(title)]}


def dated(title: str) -> Any:
    return {"due": TEN[TITLES.index(title)]}


def day_first(day: str, mark: str = "/") -> str:
    return mark.join(day.split("-")[::-1])


def month_first(day: str, mark: str = "/") -> str:
    year, month, of_month = day.split("-")
    return mark.join((month, of_month, year))


def of(day: str, way: str) -> str:
    year, month, of_month = day.split("-")
    return way.format(y=year, m=month, d=of_month, yy=year[2:], short=int(month), of=int(of_month))


WAYS = ("{d}/{m}/{y}", "{m}/{d}/{y}", "{d}.{m}.{y}", "{of}.{short}.{yy}", "{y}-{m}-{d}", "{y}/{short}/{of}")


@pytest.mark.parametrize("data", [carried, dated])
@pytest.mark.parametrize("way", WAYS)
def test_a_page_may_write_dates_in_any_way_of_the_world(way: str, data: Callable[[str], Any]) -> None:
    assert shown(texts=[f"x {of(day, way)}" for day in DUE], carried=data).answer is Answer.PASSED


def wrong(texts: list[str], data: Callable[[str], Any] = carried) -> list[str | None]:
    verdict = shown(texts=texts, carried=data)
    found = [each for each in verdict.outcomes if each.kind is Kind.MISRENDERED]
    assert {each.finding.aspect for each in found} <= {Aspect.ROW_TEXT} and {each.finding.field for each in found} <= {
        "due"
    }
    return [each.key for each in found]


@pytest.mark.parametrize("data", [carried, dated])
def test_rows_with_day_and_month_in_the_place_of_each_other_are_wrong_where_other_rows_prove_the_order(
    data: Any,
) -> None:
    """As a page does that reads `04/03/2026` as a date again: what is after the twelfth stays as it was."""
    texts = [f"x {day_first(day) if int(day[-2:]) > 12 else month_first(day)}" for day in DUE]
    assert wrong(texts, data) == ["main/1", "main/3", "main/4", "main/6"]


@pytest.mark.parametrize("way", ["{m}.{d}.{y}", "{y}-{d}-{m}"])
def test_an_order_that_no_country_has_is_wrong_in_all_rows(way: str) -> None:
    assert len(wrong([f"x {of(day, way)}" for day in DUE])) == len(DUE) - 1, "the fifth of May is the same"


def test_another_date_than_the_event_s_is_wrong_where_the_others_show_theirs() -> None:
    texts = [f"x {day_first(day)}" for day in (*DUE[:2], DUE[1], *DUE[3:])]
    assert wrong(texts) == ["main/3"]


def test_dates_of_something_else_tell_nothing() -> None:
    assert wrong(["x 24/12/2026"] * len(DUE)) == []
