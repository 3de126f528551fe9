"""The state that a page offers at the end holds its events in the order in which it took them in."""

from __future__ import annotations

import pytest

from harness.model import Hop, Kind
from tests.support.ledgers import Story
from tests.support.records import at

NAMES = ("opened", "placed", "placed", "paid", "served", "served", "paid", "closed")
KEYS = [f"main/{number}" for number in range(1, 9)]
FIRST = ["main/5", *KEYS[:4], *KEYS[5:]]


def told(state: list[str], rows: list[str] | None = None, counter: int = 8) -> Story:
    story = Story("broadcast", declared=(), terminal=(), panels=(), own_events=()).open("A")
    story.start("main").emit("main", *NAMES).end("main")
    return story.shows("A", state_events=state, rows=state if rows is None else rows, counter=counter)


def wrong(story: Story) -> set[tuple[Kind, str | None, Hop | None]]:
    outcomes = [o for blame in story.verdict().blame for o in blame.explains]
    return {(o.kind, o.key, o.hop) for o in outcomes}


def test_an_event_that_a_page_puts_before_the_others_is_told_where_it_was_taken_in() -> None:
    story = told(FIRST)
    assert wrong(story) == {(Kind.REORDERED, "main/5", Hop.APPLIED)}
    assert [blame.cause for blame in story.verdict().blame] == ["apply-reordered"]


@pytest.mark.parametrize(
    "state",
    [KEYS, KEYS[::-1], [*KEYS[:3], "main/3", *KEYS[3:]]],
    ids=["in order", "the newest first", "one twice"],
)
def test_a_state_in_order_is_in_order(state: list[str]) -> None:
    assert Kind.REORDERED not in {kind for kind, _, _ in wrong(told(state, counter=len(state)))}


def test_rows_in_another_order_than_the_state_are_drawn_so() -> None:
    assert wrong(told(KEYS, rows=FIRST)) == {(Kind.MISRENDERED, "main/5", Hop.RENDERED)}


def test_a_state_that_sorts_by_number_what_came_out_of_order_is_right() -> None:
    story = told(KEYS)
    for hop in (Hop.DELIVERED, Hop.APPLIED):
        story.swap(at(hop, "main/3"), at(hop, "main/4"))
    assert {hop for _, _, hop in wrong(story)} == {Hop.DELIVERED}
