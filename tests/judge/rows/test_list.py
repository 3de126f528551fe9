"""What a person sees of a list: which rows there are, in which order, whether they can be seen, and their count."""

from __future__ import annotations

from typing import Any

import pytest

from harness.model import Answer, Aspect, Hop, Kind, Panel, Verdict
from tests.support.causes_in_clis import told as story
from tests.support.records import at
from tests.support.shown_rows import KEYS, TEXTS, as_object, as_text, found, shown


@pytest.mark.parametrize("is_numbered", [True, False])
def test_a_row_out_of_place_is_told(is_numbered: bool) -> None:
    def in_this_order(*places: int, **more: Any) -> Verdict:
        keys = [KEYS[place] for place in places] if is_numbered else KEYS
        return shown(keys, [TEXTS[place] for place in places], rows_numbered=is_numbered, **more)

    assert [each.key for each in found(in_this_order(0, 1, 5, 2, 3, 4, 6), Aspect.ROW_PLACE)] == ["main/6"]
    assert [each.key for each in found(in_this_order(6, 5, 4, 3, 2, 0, 1), Aspect.ROW_PLACE)] in (
        ["main/1"],
        ["main/2"],
    )
    by_title = in_this_order(4, 3, 5, 2, 6, 0, 1)
    assert len(found(by_title, Aspect.ROW_PLACE)) == 3
    assert by_title.answer is Answer.FAILED
    assert in_this_order(4, 3, 5, 2, 6, 0, 1, order="own").answer is Answer.PASSED
    assert in_this_order(*range(6, -1, -1), order="newest-first").answer is Answer.PASSED
    assert in_this_order(*range(6, -1, -1), order="oldest-first").answer is Answer.FAILED
    assert in_this_order(0, 2, 4, 6, 1, 3, 5, lists=[0] * 4 + [1] * 3).answer is Answer.PASSED, "two lists"
    assert in_this_order(0, 2, 4, 6, 5, 3, 1, lists=[0] * 4 + [1] * 3).answer is Answer.FAILED, "read in two ways"


def test_a_row_that_a_person_can_not_see_is_told() -> None:
    assert [each.key for each in found(shown(hidden=[2]), Aspect.ROW_HIDDEN)] == ["main/3"]


def test_rows_that_are_gone_are_told_unless_the_list_says_that_it_is_a_part() -> None:
    (gone,) = found(shown(KEYS[-1:], TEXTS[-1:]), Aspect.ROWS_GONE)
    assert gone.finding.count == 6
    note = {"text": "the newest", "shown": None, "total": None}
    assert found(shown(KEYS[-1:], TEXTS[-1:], window=note), Aspect.ROWS_GONE) == []


@pytest.mark.parametrize("carried", [as_object, as_text])
@pytest.mark.parametrize("missing", [1, 3, 7])
def test_a_missing_row_without_a_number_is_that_of_the_event_that_no_row_tells_of(missing: int, carried: Any) -> None:
    told = [text_ for number, text_ in enumerate(TEXTS, start=1) if number != missing]

    def lost(texts: list[str]) -> list[str | None]:
        seen = at(Hop.RENDERED, KEYS[-1], "A")
        verdict = shown(KEYS[:-1], texts, carried=carried, rows_numbered=False, dropped=seen)
        return [each.key for each in verdict.outcomes if each.kind is Kind.LOST]

    assert lost(told) == [f"main/{missing}"]
    assert lost(["a row"] * 6) == [KEYS[-1]], "rows that tell of none"


@pytest.mark.parametrize("is_numbered", [True, False])
def test_a_list_that_keeps_its_newest_rows_alone_is_told(is_numbered: bool) -> None:
    for left in (KEYS[-1:], KEYS[-3:]):
        verdict = shown(left, TEXTS[-len(left) :], rows_numbered=is_numbered)
        assert [each.finding.count for each in found(verdict, Aspect.ROWS_GONE)] == [7 - len(left)]
        assert verdict.answer is Answer.FAILED


def test_a_row_that_another_one_took_the_place_of_is_gone_whatever_the_counter_says() -> None:
    """The counter counts the page's own two messages as well, which have rows of their own."""
    rows = ["connection:established", "connection:routing", *KEYS[:6], KEYS[5]]
    (gone,) = found(shown(rows, None, counter=9), Aspect.ROWS_GONE)
    assert gone.finding.items == ("main/7",)
    whole = ["connection:established", "connection:routing", *KEYS]
    assert shown(whole, None, counter=9).answer is Answer.PASSED


def doubled(counter: int, number: str) -> Verdict:
    """A page without a state, of which one event's frame came twice; its counter and its panel count that."""
    taps = tuple(hop for hop in Hop if hop is not Hop.APPLIED)
    panels = (Panel("sorted", ("*",), {"number": ("*",)}),)
    run = story(taps=taps, panels=panels)
    run.double(at(Hop.DELIVERED, "main/3", "A"))
    shown = {"sorted": {"session": "main", "text": number, "values": {"number": number}}}
    return run.shows("A", counter=counter, panels=shown).verdict()


def test_a_counter_is_not_compared_where_deliveries_are_not_observed() -> None:
    """A target that says it of itself: a page whose connection can't be observed."""
    taps = tuple(hop for hop in Hop if hop not in (Hop.DELIVERED, Hop.APPLIED))
    verdict = story(taps=taps).shows("A", counter=7, state_events=None).verdict()
    assert not [each for each in verdict.outcomes if each.prop == "P9"], verdict.outcomes


@pytest.mark.parametrize("more", [0, 1])
def test_what_came_twice_may_count_once_or_twice(more: int) -> None:
    verdict = doubled(9 + more, str(7 + more))
    assert {each.finding.aspect for each in verdict.outcomes if each.kind is Kind.MISRENDERED} == set()
    assert {each.kind for each in verdict.outcomes} >= {Kind.DUPLICATED}


def test_what_counts_more_than_came_is_wrong() -> None:
    wrong = {each.finding.aspect for each in doubled(11, "9").outcomes if each.kind is Kind.MISRENDERED}
    assert wrong == {Aspect.COUNTER, Aspect.PANEL_VALUE}
