"""A page that says `undefined` or `NaN` shows nothing, unless its events say so themselves."""

from __future__ import annotations

from typing import Any

import pytest

from harness.model import Aspect, Kind
from tests.support.shown_rows import KEYS, TEXTS, TITLES, as_object, found, shown


def slips(words: str, **more: Any) -> list[tuple[str | None, Any]]:
    verdict = shown(KEYS, [*TEXTS[:3], f"{TEXTS[3]} {words}", *TEXTS[4:]], **more)
    told = found(verdict, Aspect.SLIP)
    assert all(each.kind is Kind.MISRENDERED for each in told)
    return [(each.key, each.finding.found) for each in told]


@pytest.mark.parametrize("words", ["undefined", "NaN", "Invalid Date", "[object Object]"])
def test_what_a_script_writes_for_no_value_is_told(words: str) -> None:
    assert slips(f"after {words} min") == [("main/4", words)]


@pytest.mark.parametrize("words", ["undefined-behaviour", "Nan", "is.undefined", "5 min", "[object]"])
def test_words_that_look_like_it_are_none(words: str) -> None:
    assert slips(words) == []


def test_what_events_say_is_shown() -> None:
    assert slips("after undefined min", carried=lambda title: {"title": title, "why": "x is undefined"}) == []


def test_a_counter_without_a_number_is_told() -> None:
    assert slips("", counter_text="NaN events") == [(None, "NaN")]


def test_what_follows_from_data_that_were_changed_on_the_way_is_no_bug_of_its_own() -> None:
    """The event that a page has without a value is told as changed; another row has its own reason."""

    def without(title: str) -> Any:
        return {"n": 1} if title == TITLES[3] else as_object(title)

    assert slips("after undefined min", given=without) == []
    texts = [*TEXTS[:3], "4. undefined today", f"{TEXTS[4]} undefined", *TEXTS[5:]]
    told = found(shown(KEYS, texts, given=without), Aspect.SLIP)
    assert [each.key for each in told] == ["main/5"]
