"""What a person reads in a list: each row's text, place and visibility, against the data of its event."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from harness.diagnosis import verdict_of
from harness.judge.rows import leaves
from harness.model import Answer, Aspect, Hop, Kind, Outcome, Panel, Sighting, Told, Verdict
from harness.model.facts import View
from harness.record.identity import digest
from harness.record.ledger import Ledger
from tests.support.causes_in_clis import told as story
from tests.support.facts import other
from tests.support.records import at

TITLES = ("tidy the notes", "write a letter", "water the plants", "feed the cat", "call the bank", "buy bread", "rest")
KEYS = [f"main/{number}" for number in range(1, 8)]


def text(number: int, title: str) -> str:
    return f"{number}. {title.upper()} today"


TEXTS = [text(number, title) for number, title in enumerate(TITLES, start=1)]


def as_object(title: str) -> Any:
    return {"title": title, "n": 1}


def as_text(title: str) -> Any:
    return f"{title}|7.5|as usual"


def shown(
    keys: list[str] = KEYS,
    texts: list[str] | None = TEXTS,
    name: str | None = "x",
    carried: Callable[[str], Any] = as_object,
    **view: Any,
) -> Verdict:
    """The verdict of a healthy run of one name whose dashboard A has such rows; its events' data has a title each."""
    ledger = story().ledger()

    def with_data(sighting: Sighting) -> Sighting:
        data = carried(TITLES[int(sighting.event.key.partition("/")[2]) - 1])
        known = replace(sighting.event, told=Told(data), name=name or sighting.event.name)
        return replace(sighting, event=replace(known, digest=None if known.digest is None else digest(data)))

    facts = [
        other(fact, rows=keys, texts=texts, counter=None, **view)
        if isinstance(fact.body, View) and fact.observer == "dashboard:A.1"
        else fact
        for fact in ledger.facts
    ]
    contract = replace(ledger.contract, declared=(), terminal=(), panels=())
    return verdict_of(Ledger.of(contract, [*map(with_data, ledger.sightings), *facts]))


def found(verdict: Verdict, aspect: Aspect) -> list[Outcome]:
    return [each for each in verdict.outcomes if each.finding.aspect is aspect]


def test_rows_that_say_what_their_events_say_pass() -> None:
    assert shown().answer is Answer.PASSED
    assert shown(KEYS[::-1], TEXTS[::-1]).answer is Answer.PASSED, "the newest first is an order, too"


def test_a_row_with_another_event_s_text_is_told_with_both_texts() -> None:
    (wrong,) = found(shown(texts=[*TEXTS[:3], text(4, TITLES[0]), *TEXTS[4:]]), Aspect.ROW_TEXT)
    assert (wrong.key, wrong.finding.field, wrong.finding.expected, wrong.finding.found) == (
        "main/4", "title", "feed the cat", "tidy the notes",
    )  # fmt: skip


def test_a_row_without_the_text_that_all_others_have_is_told() -> None:
    (wrong,) = found(shown(texts=[*TEXTS[:3], "4. undefined today", *TEXTS[4:]]), Aspect.ROW_TEXT)
    assert (wrong.key, wrong.finding.found) == ("main/4", "4. undefined today")


def test_rows_that_all_show_another_event_s_text_are_wrong() -> None:
    moved = [text(number, title) for number, title in enumerate((*TITLES[1:], TITLES[0]), start=1)]
    wrong = found(shown(texts=moved), Aspect.ROW_TEXT)
    assert [each.key for each in wrong] == KEYS
    assert (wrong[0].finding.expected, wrong[0].finding.found) == (TITLES[0], TITLES[1])
    assert shown(texts=moved).answer is Answer.FAILED


def test_rows_without_numbers_may_be_in_an_order_of_their_own() -> None:
    moved = [text(number, title) for number, title in enumerate((*TITLES[1:], TITLES[0]), start=1)]
    assert not found(shown(texts=moved, rows_numbered=False), Aspect.ROW_TEXT)


def test_rows_that_say_something_else_were_not_compared() -> None:
    verdict = shown(texts=["x of quite another kind"] * 7)
    assert found(verdict, Aspect.ROW_UNEXPLAINED)
    assert verdict.answer is Answer.UNKNOWN


@pytest.mark.parametrize("texts", [["x"] * 7, ["x 1"] * 7, None])
def test_rows_that_say_no_more_than_the_name_promise_no_more(texts: list[str] | None) -> None:
    assert shown(texts=texts).answer is Answer.PASSED


def test_a_long_text_may_be_shortened() -> None:
    assert shown(texts=[f"{text_[:19]}…" for text_ in TEXTS]).answer is Answer.PASSED


def test_a_row_out_of_place_is_told_and_an_order_of_the_page_s_own_is_none() -> None:
    moved = [*KEYS[:2], KEYS[5], *KEYS[2:5], KEYS[6]]
    said = [*TEXTS[:2], TEXTS[5], *TEXTS[2:5], TEXTS[6]]
    assert [each.key for each in found(shown(moved, said), Aspect.ROW_PLACE)] == ["main/6"]
    by_name = [KEYS[place] for place in (3, 0, 5, 2, 6, 1, 4)]
    assert found(shown(by_name, None), Aspect.ROW_PLACE) == []


def test_a_row_that_a_person_can_not_see_is_told() -> None:
    assert [each.key for each in found(shown(hidden=[2]), Aspect.ROW_HIDDEN)] == ["main/3"]


def test_rows_that_are_gone_are_told_unless_the_list_says_that_it_is_a_part() -> None:
    (gone,) = found(shown(KEYS[-1:], TEXTS[-1:]), Aspect.ROWS_GONE)
    assert gone.finding.count == 6
    note = {"text": "the newest", "shown": None, "total": None}
    assert found(shown(KEYS[-1:], TEXTS[-1:], window=note), Aspect.ROWS_GONE) == []


def test_short_texts_and_secrets_are_not_looked_for() -> None:
    assert leaves({"a": "ok", "b": {"c": ["one", 7, True]}, "token": "(redacted)"}) == {"b.c.0": "one"}
    assert leaves("a text") == {"text": "a text"}


def doubled(counter: int, number: str) -> Verdict:
    """A page without a state, of which one event's frame came twice; its counter and its panel count that."""
    taps = tuple(hop for hop in Hop if hop is not Hop.APPLIED)
    panels = (Panel("sorted", ("*",), {"number": ("*",)}),)
    run = story(taps=taps, panels=panels)
    run.double(at(Hop.DELIVERED, "main/3", "A"))
    shown = {"sorted": {"session": "main", "text": number, "values": {"number": number}}}
    return run.shows("A", counter=counter, panels=shown).verdict()


def test_a_counter_is_compared_with_nothing_where_nobody_sees_what_the_page_is_given() -> None:
    """A target that says it of itself: a page whose connection is nobody's to look into."""
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


def test_a_part_of_a_text_is_compared_as_a_field_is() -> None:
    """A text that says several things, of which the page shows one, is no text that the page does not show."""
    assert shown(carried=as_text).answer is Answer.PASSED
    wrong = found(shown(carried=as_text, texts=[*TEXTS[:3], text(4, TITLES[0]), *TEXTS[4:]]), Aspect.ROW_TEXT)
    assert [(each.key, each.finding.expected, each.finding.found) for each in wrong] == [
        ("main/4", TITLES[3], TITLES[0])
    ]


def test_a_text_that_is_shown_as_a_whole_is_told_once() -> None:
    whole = [as_text(title) for title in TITLES]
    wrong = found(shown(carried=as_text, texts=[*whole[:3], "nothing of it at all", *whole[4:]]), Aspect.ROW_TEXT)
    assert [each.finding.field for each in wrong] == ["text"]
