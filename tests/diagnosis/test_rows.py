"""Rows that are gone, or left out, or cut off, on two systems."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from harness.model import Aspect, Finding, Hop, Kind, Outcome
from tests.support.explained import explained, outcome
from tests.support.ledgers import Story
from tests.support.other_systems import EACH
from tests.support.records import at

System = Callable[[], Story]
CAUSES = ("list-sliced", "rows-replaced", "rows-left-out")


def shows(story: Story, *numbers: int, counter: int, drawn: bool = True, **more: Any) -> Story:
    """What dashboard A has rows of in the end; what it has none of was drawn before, or never."""
    if not drawn:
        for number in {*range(1, 8)} - {*numbers}:
            story.drop(at(Hop.RENDERED, f"main/{number}", "A"))
    return story.shows("A", rows=[f"main/{number}" for number in numbers], counter=counter, **more)


def wrong(aspect: Aspect, **finding: Any) -> Outcome:
    kind = Kind.TRUNCATED if aspect in (Aspect.LIST_CUT, Aspect.ROWS_GONE) else Kind.MISRENDERED
    return replace(outcome(kind, Hop.RENDERED, None, "A"), finding=Finding(aspect, **finding))


def named(story: Story, *failed: Outcome) -> dict[str, int]:
    """Each cause that speaks, with the number of outcomes that it explains."""
    lacking = [*failed, wrong(Aspect.LIST_CUT)]
    return {cause: len(b.explains) for cause in CAUSES for b in explained(cause, story, *lacking)}


@EACH
@pytest.mark.parametrize("left", [(5, 6, 7), (1, 2, 3)])
@pytest.mark.parametrize("drawn", [True, False])
def test_the_end_of_a_list_that_the_page_counts_is_cut(system: System, left: tuple[int, ...], drawn: bool) -> None:
    story = shows(system(), *left, counter=7, drawn=drawn)
    lacking = [outcome(Kind.TRUNCATED, Hop.RENDERED, f"main/{n}", "A") for n in range(1, 8) if n not in left]
    assert [*named(story, *lacking)] == ["list-sliced"]


@EACH
def test_only_the_last_is_left_and_the_page_counts_no_more(system: System) -> None:
    story = shows(system(), 7, counter=1)
    counts = wrong(Aspect.COUNTER, expected=7, found=1)
    assert named(story, counts) == {"rows-replaced": 2}
    [blame] = explained("rows-replaced", story, counts, wrong(Aspect.ROWS_GONE))
    assert "holds only the last" in str(blame.sentence)


@EACH
def test_rows_between_others_gave_way_to_later_ones(system: System) -> None:
    assert named(shows(system(), 3, 6, 7, counter=7)) == {"rows-replaced": 1}


@EACH
def test_the_places_of_those_that_are_left_tell_nothing(system: System) -> None:
    """As under headings, where each of them stands in a list of its own."""
    story = shows(system(), 3, 6, 7, counter=7)
    assert named(story, wrong(Aspect.ROW_PLACE), wrong(Aspect.ROWS_ORDER)) == {"rows-replaced": 3}
    assert named(story, wrong(Aspect.ROW_TEXT)) == {"rows-replaced": 1}, "what a row says is another bug"


@EACH
def test_rows_between_others_were_never_drawn(system: System) -> None:
    story = shows(system(), 1, 2, 4, 5, 6, 7, counter=7, drawn=False)
    assert named(story, outcome(Kind.TRUNCATED, Hop.RENDERED, "main/3", "A")) == {"rows-left-out": 2}


@EACH
def test_a_number_that_the_rows_do_not_make_is_another_bug(system: System) -> None:
    story = shows(system(), 7, counter=3)
    assert named(story, wrong(Aspect.COUNTER, expected=7, found=3)).get("rows-replaced", 1) == 1


@EACH
@pytest.mark.parametrize("left", [(5, 6, 7), (3, 2, 1)])
def test_rows_without_their_event_can_be_the_end_of_a_list_by_their_names(
    system: System, left: tuple[int, ...]
) -> None:
    assert named(shows(system(), *left, counter=7, rows_numbered=False)) == {"list-sliced": 1}


@EACH
def test_rows_whose_names_no_end_of_the_list_has_are_not_its_end(system: System) -> None:
    """Whichever of two events of a name a row shows: some are missing between others."""
    assert named(shows(system(), 3, 5, counter=7, rows_numbered=False)) == {}
