"""Two connections of one page, and a second bug beside them: each is told."""

from __future__ import annotations

from typing import Any

import pytest

from harness.diagnosis import verdict_of
from harness.model import Aspect, Blame, Finding, Hop, Kind, Sighting
from harness.model.facts import PageConnected
from tests.support.explained import explained, outcome
from tests.support.ledgers import Story
from tests.support.other_systems import CYCLES, STOCK
from tests.support.paper_pages import OWN
from tests.support.records import at

BLIND: dict[str, Any] = {"taps": tuple(hop for hop in Hop if hop is not Hop.APPLIED), "terminal": ("day:closed",)}
SYSTEMS = {
    "warehouse": (STOCK, {**BLIND, "terminal_ok": ("day:closed",)}, Hop.RENDERED),
    "floor": (CYCLES, {"terminal": (), "terminal_ok": ()}, Hop.APPLIED),
}


def two(target: str) -> Story:
    """A page with two connections, each of which brings the fifth event."""
    names, contract, _ = SYSTEMS[target]
    story = Story("broadcast", target=target, declared=(), **contract).open("A", "B")
    story.fact(PageConnected, "dashboard:A.1", sid="another", transport="polling").start("main").emit("main", *names)
    return story.end("main").double(at(Hop.DELIVERED, "main/5", "A"))


def shown_more(target: str, times: int) -> list[Blame]:
    """What is said where the page has the event so many times more than once."""
    story, hop = two(target), SYSTEMS[target][2]
    [shown] = [r for r in story.records if at(hop, "main/5", "A")(r)]
    assert isinstance(shown, Sighting)
    for _ in range(times):
        story.see(hop, shown.event, shown.observer)
    rows = [*OWN, *(f"main/{number}" for number in range(1, 6)), *["main/5"] * times, "main/6", "main/7"]
    held = {} if hop is Hop.RENDERED else {"state_events": rows}
    story.shows("A", rows=rows, counter=len(rows), **held)
    return [*verdict_of(story.ledger()).blame]


@pytest.mark.parametrize("target", SYSTEMS)
def test_a_page_that_shows_what_came_twice_twice_has_one_bug(target: str) -> None:
    assert [blame.cause for blame in shown_more(target, 1)] == ["two-connections"]


@pytest.mark.parametrize("target", SYSTEMS)
def test_a_page_that_doubles_once_more_has_two(target: str) -> None:
    first, second = shown_more(target, 3)
    assert first.cause == "two-connections"
    assert second.hops[-1] is SYSTEMS[target][2] and Kind.DUPLICATED in {o.kind for o in second.explains}


@pytest.mark.parametrize("target", SYSTEMS)
def test_what_a_row_says_does_not_follow_from_a_second_connection(target: str) -> None:
    twice = outcome(Kind.DUPLICATED, Hop.DELIVERED, "main/5")
    place, text = (
        outcome(Kind.MISRENDERED, Hop.RENDERED, "main/5", finding=Finding(aspect))
        for aspect in (Aspect.ROW_PLACE, Aspect.ROW_TEXT)
    )
    [blame] = explained("two-connections", two(target), twice, place, text)
    assert blame.explains == (twice, place)
