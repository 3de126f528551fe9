"""A list's note that it is shown in part is compared: the number of all (P9)."""

from __future__ import annotations

from typing import Any

import pytest

from harness.model import Aspect, Hop
from tests.support.causes_in_clis import told
from tests.support.ledgers import Story


def noted(story: Story, shown: int | None, total: int | None, rows: int, **view: Any) -> list[tuple[Any, ...]]:
    """What is wrong with a note of so many of so many, above so many rows of seven events and two of the connection."""
    keys = [f"main/{n}" for n in range(7, 7 - rows, -1)]
    note = {"text": f"{shown} of {total}", "shown": shown, "total": total}
    verdict = story.shows("A", rows=keys, window=note, **view).verdict()
    return [
        (o.finding.field, o.finding.expected, o.finding.found, o.hops)
        for o in verdict.outcomes
        if o.finding.aspect is Aspect.LIST_TOTAL
    ]


DRAWN = (Hop.RENDERED,)


@pytest.mark.parametrize(
    ("shown", "total", "rows", "wrong"),
    [
        (5, 9, 5, []),
        (9, 9, 5, []),  # it draws only those in sight
        (None, 9, 5, []),
        (5, None, 5, []),
        (5, 8, 5, [(None, 9, 8, DRAWN)]),
        (4, 9, 5, []),  # it draws some more than are in sight
    ],
)
def test_a_note_is_compared_with_the_counter(
    shown: int | None, total: int | None, rows: int, wrong: list[tuple[Any, ...]]
) -> None:
    assert noted(told(), shown, total, rows) == wrong


@pytest.mark.parametrize(
    ("total", "wrong"), [(9, []), (8, [("events", 9, 8, DRAWN)]), (10, [("events", 9, 10, DRAWN)])]
)
def test_where_no_counter_says_it_the_note_is_compared_with_the_state(total: int, wrong: list[tuple[Any, ...]]) -> None:
    assert noted(told(), 5, total, 5, counter=None) == wrong


@pytest.mark.parametrize(("total", "is_right"), [(9, True), (8, False), (10, False)])
def test_where_the_state_is_not_observed_it_is_compared_with_what_came(total: int, is_right: bool) -> None:
    """Which of the two hops it was is then not known."""
    story = told(taps=tuple(hop for hop in Hop if hop is not Hop.APPLIED))
    wrong = noted(story, 5, total, 5, counter=None)
    assert wrong == ([] if is_right else [("events", 9, total, (Hop.APPLIED, Hop.RENDERED))])
