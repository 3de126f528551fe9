"""Pages that are deaf for a while after each event, or take the last of those that come close together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

import pytest

from harness.diagnosis import verdict_of
from harness.diagnosis._in_gaps import of_gaps
from harness.model import Hop, Kind
from harness.reporting import sentences
from tests.support.explained import evidence, explained, outcome
from tests.support.ledgers import Story
from tests.support.records import at

BLIND = tuple(hop for hop in Hop if hop is not Hop.APPLIED)
DEAF = (0, 10, 20, 100, 110, 200)
"""Milliseconds at which events come: of the first three and of the next two a page takes one."""

SYSTEMS = pytest.mark.parametrize(("target", "name"), [("ferry", "position"), ("auction", "bid")])


def told(target: str, name: str, times: Sequence[int] = DEAF, *, of_two_names: bool = False) -> Story:
    """Events that come to both pages at these times."""
    story = Story("broadcast", target=target, declared=(), taps=BLIND, terminal=(), terminal_ok=(), panels=())
    story.open("A", "B").start("main")
    for number, _ in enumerate(times):
        story.emit("main", f"{name}-{number % 2}" if of_two_names else name)
    story.end("main")
    for number, milliseconds in enumerate(times, start=1):
        came = 5_000_000_000 + milliseconds * 10**6
        story.change(at(Hop.DELIVERED, f"main/{number}"), partial(replace, at_ns=came))
    return story


def said(story: Story, *numbers: int, hop: Hop = Hop.RENDERED) -> list[str]:
    lost = [outcome(Kind.LOST, hop, f"main/{number}", label) for number in numbers for label in "AB"]
    return [*of_gaps(evidence(story), lost)]


@SYSTEMS
def test_a_page_that_is_deaf_after_each_event_that_it_takes(target: str, name: str) -> None:
    line = "each came 20 ms at most after the last one of its name that the page took, and what it took came 100 ms"
    assert said(told(target, name), 2, 3, 5) == [f"{line} at least after one"]
    [whole] = said(told(target, name, of_two_names=True), 2, 3, 5)
    assert whole == f"{line.replace(' of its name', '')} at least after one"


@SYSTEMS
def test_a_page_that_takes_the_last_of_those_that_come_together(target: str, name: str) -> None:
    line = "the next one of its name came 10 ms at most after each, and"
    assert said(told(target, name), 1, 2, 4) == [f"{line} 80 ms at least after those that the page took"]
    assert said(told(target, name, (*DEAF[:3], 25)), 1, 2, 3) == [f"{line} none after those that the page took"]


@SYSTEMS
def test_distances_that_tell_nothing(target: str, name: str) -> None:
    assert said(told(target, name), 2, 3) == [], "two may be so by chance"
    assert said(told(target, name), 2, 4, 5) == [], "one of them came alone"
    assert said(told(target, name), 2, 3, 4, 5, 6) == [], "taking the first alone is not a throttle"
    assert said(told(target, name), 2, 3, 5, hop=Hop.ROUTED) == [], "no page had them"


@SYSTEMS
def test_a_deaf_page_is_told_with_the_distance(target: str, name: str) -> None:
    story = told(target, name)
    for number in (2, 3, 5):
        story.lose(f"main/{number}", Hop.RENDERED)
    [blame] = verdict_of(story.ledger()).blame
    assert blame.cause == "unexplained" and "each came 20 ms at most" in sentences.line(blame.sentence)


@SYSTEMS
def test_a_page_that_takes_the_first_of_a_batch_does_not_take_its_last(target: str, name: str) -> None:
    times = (0, 10, 20, 30, 45, 200, 210, 220, 230, 245)
    first = [outcome(Kind.LOST, Hop.APPLIED, f"main/{number}", "A") for number in (2, 3, 4, 7, 8, 9)]
    assert explained("last-of-batch", told_whole(target, name, times), *first) == []
    last = [outcome(Kind.LOST, Hop.APPLIED, f"main/{number}", "A") for number in (1, 2, 3, 4, 6, 7, 8, 9)]
    assert len(explained("last-of-batch", told_whole(target, name, times), *last)) == 1


def told_whole(target: str, name: str, times: Sequence[int]) -> Story:
    story = told(target, name, times)
    story.contract = replace(story.contract, taps=tuple(Hop))
    return story
