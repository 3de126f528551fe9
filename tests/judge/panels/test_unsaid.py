"""Items that show a field which changes, and of which the target does not say how it reads."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from harness.diagnosis import verdict_of
from harness.model import Answer, Aspect, Items, Panel
from tests.support.ledgers import Story

CARDS = Items("made", "id", "title", {"made": ".*", "moved": ".*"}, entities=True)
NAMES = ("made", "made", "made", "moved", "moved", "moved", "closed")
SAID: tuple[dict[str, Any], ...] = (
    {"id": "c-1", "title": "Ship it", "stage": "todo"},
    {"id": "c-2", "title": "Paint it", "stage": "todo"},
    {"id": "c-3", "title": "Sell it", "stage": "todo"},
    {"id": "c-1", "stage": "doing"},
    {"id": "c-2", "stage": "doing"},
    {"id": "c-1", "stage": "done"},
    {},
)


def verdict(listed: list[str], items: Items = CARDS, marks: tuple[str, ...] = ("", "", "")) -> Any:
    panel = Panel("board", ("made", "moved"), items=items)
    story = Story("broadcast", panels=(panel,), declared=(), terminal=("closed",), terminal_ok=("closed",))
    story.open("A").start("main").emit("main", *NAMES).end("main")
    parts = [[text, mark] for text, mark in zip(listed, marks, strict=True)]
    seen: dict[str, Any] = {"session": None, "text": " ".join(listed), "values": {}, "items": parts}
    story.shows("A", panels={"board": seen})
    told = {f"digest-{place}": data for place, data in enumerate(SAID, 1)}
    return verdict_of(replace(story.ledger(), payloads=told))


@pytest.mark.parametrize(
    ("listed", "marks", "is_told"),
    [
        (["Ship it Fertig", "Paint it In Arbeit", "Sell it Offen"], ("", "", ""), True),
        (["Ship it done", "Paint it doing", "Sell it todo"], ("", "", ""), True),
        (["Ship it", "Paint it", "Sell it"], ("is-green", "is-blue", "is-grey"), True),
        (["Ship it", "Paint it", "Sell it"], ("", "", ""), True),
        (["Ship it Offen", "Paint it Offen", "Sell it Offen"], ("", "", ""), False),
        (["Ship it In Arbeit", "Paint it In Arbeit", "Sell it Offen"], ("", "", ""), False),
        (["Ship it", "Paint it", "Sell it"], ("is-blue", "is-blue", "is-grey"), False),
    ],
)
def test_a_field_that_changes_is_told_by_words_of_its_own_or_was_not_compared(
    listed: list[str], marks: tuple[str, ...], is_told: bool
) -> None:
    found = verdict(listed, marks=marks)
    doubts = [each.finding.field for each in found.unknowns if each.finding.aspect is Aspect.PANEL_UNSAID]
    assert doubts == ([] if is_told else ["stage"])
    assert found.answer is (Answer.PASSED if is_told else Answer.UNKNOWN)


BY = replace(CARDS, by="stage", states={"todo": "^Offen$", "doing": "^In Arbeit$"})


@pytest.mark.parametrize(
    ("listed", "wrong"),
    [
        (["Ship it Done", "Paint it In Arbeit", "Sell it Offen"], None),
        (["Ship it In Arbeit", "Paint it In Arbeit", "Sell it Offen"], "Ship it"),
        (["Ship it done", "Paint it Offen", "Sell it Offen"], "Paint it"),
    ],
)
def test_items_are_in_the_state_that_a_field_says(listed: list[str], wrong: str | None) -> None:
    found = [each.finding.text for each in verdict(listed, BY).outcomes if each.finding.aspect is Aspect.PANEL_ITEM]
    assert found == ([] if wrong is None else [wrong])


def test_marks_are_by_what_the_field_says_too() -> None:
    marked = replace(BY, marks={"todo": "grey", "doing": "blue", "done": "green"})
    right = ["Ship it done", "Paint it In Arbeit", "Sell it Offen"]
    assert verdict(right, marked, ("is-green", "is-blue", "is-grey")).answer is Answer.PASSED
    found = verdict(right, marked, ("is-green", "is-grey", "is-grey")).outcomes
    assert [each.finding.text for each in found if each.finding.aspect is Aspect.ITEM_MARK] == ["Paint it"]


@pytest.mark.parametrize(("listed", "wrong"), [("Paint it", None), ("Paint it Ship it", "Ship it"), ("", "Paint it")])
def test_a_column_of_a_board_has_the_items_of_its_state_alone(listed: str, wrong: str | None) -> None:
    column = replace(CARDS, by="stage", only=("doing",), states={"doing": "^$"})
    seen = verdict([listed] if listed else [], column, ("",) if listed else ())
    assert [each.finding.text for each in seen.outcomes if each.finding.aspect is Aspect.PANEL_ITEM] == (
        [] if wrong is None else [wrong]
    )


def test_a_page_may_write_its_items_in_capitals() -> None:
    loud = replace(CARDS, by="stage", reads=("id",), states=dict.fromkeys(("todo", "doing", "done"), ".*"))
    found = verdict(["SHIP IT C-1", "PAINT IT C-2", "SELL IT C-3"], loud).outcomes
    assert [each.finding.text for each in found if each.finding.aspect is Aspect.PANEL_ITEM] == []
    found = verdict(["SHIP IT C-1", "PAINT IT C-9", "SELL IT C-3"], loud).outcomes
    assert [each.finding.text for each in found if each.finding.aspect is Aspect.PANEL_ITEM] == ["Paint it"]
