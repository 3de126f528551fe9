"""Short numbers that rows show in the place of their events' own."""

from __future__ import annotations

from typing import Any

import pytest

from harness.model import Kind
from tests.support.shown_rows import TITLES, shown

MINUTES = (4, 7, 3, 9, 2, 8, 5)
ROUNDS = (1, 2, 3, 4, 5, 6, 7)
BEHIND = (0, *MINUTES[:-1])


def wrong(
    numbers: tuple[int, ...], told: tuple[int, ...] = MINUTES, words: str = "{title} took {} min", **more: int
) -> Any:
    """The rows that are wrong where each says one of these numbers, and its event one of those."""

    def carried(title: str) -> Any:
        place = TITLES.index(title)
        return {"title": title, "minutes": told[place], **{key: BEHIND[place] + by for key, by in more.items()}}

    texts = [words.format(each, title=title) for each, title in zip(numbers, TITLES, strict=True)]
    found = [each for each in shown(texts=texts, carried=carried).outcomes if each.kind is Kind.MISRENDERED]
    assert {each.finding.field for each in found} <= {"minutes"}
    return [each.key for each in found]


def test_rows_a_step_behind_are_wrong_by_single_digits() -> None:
    assert wrong(BEHIND) == [f"main/{place}" for place in range(1, 8)]
    assert wrong((*MINUTES[1:], 0)) == [f"main/{place}" for place in range(1, 8)], "or a step ahead"


def test_rows_with_the_numbers_in_another_order_are_wrong() -> None:
    assert wrong(MINUTES[::-1], words="{title}: {}") == [f"main/{place}" for place in (1, 2, 3, 5, 6, 7)]


@pytest.mark.parametrize(
    ("numbers", "told", "words", "more"),
    [
        (MINUTES, MINUTES, "{title} took {} min", {}),
        (ROUNDS, (2, 3, 4, 5, 6, 7, 8), "round {} of {title}", {}),  # what only rises may be counted
        (ROUNDS, (3, 1, 2, 7, 5, 4, 6), "{}. {title}", {}),  # places in the list, and each has a place in a race
        ((1, 0, 0, 2, 1, 0, 1), MINUTES, "{title}: {} replies", {}),  # another number
        (BEHIND, MINUTES, "{title}: {} min before", {"before": 0}),  # which its event says, too
        ((4, 4, 4, 4, 4, 4, 4), MINUTES, "{title} of {}", {}),
    ],
)
def test_numbers_of_their_own_and_of_other_things_pass(
    numbers: tuple[int, ...], told: tuple[int, ...], words: str, more: dict[str, int]
) -> None:
    assert wrong(numbers, told, words, **more) == []


def test_a_row_that_shows_its_own_beside_the_one_before_is_right() -> None:
    both = [f"{own} min, {before} before" for own, before in zip(MINUTES, BEHIND, strict=True)]
    found = shown(texts=both, carried=lambda title: {"minutes": MINUTES[TITLES.index(title)]}).outcomes
    assert Kind.MISRENDERED not in {each.kind for each in found}
