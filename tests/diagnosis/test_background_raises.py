"""Threads and tasks that fail after a handler that does not, on two systems; and what only looks so."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from harness.model import PAGE_SIDE, Hop
from harness.model.facts import BackgroundError
from harness.reporting import sentences
from tests.support.causes import gone
from tests.support.causes_in_routing import connected_to, emitted_by
from tests.support.explained import explained
from tests.support.ledgers import Story
from tests.support.other_systems import EACH, keys, lost

CAUSE = "background-raises"
System = Callable[[], Story]


def failing(story: Story, *numbers: int, errors: int | None = None) -> Story:
    """Events that were taken and never routed, and so many exceptions after them all."""
    gone(story, tuple(f"main/{number}" for number in numbers), Hop.ROUTED, *PAGE_SIDE, acknowledged=True)
    for _ in range(len(numbers) if errors is None else errors):
        story.fact(BackgroundError, "server", inside="task", error="KeyError: 'who'", where="jobs.py:9 work")
    return story


def named(story: Story, *numbers: int) -> list[str | None]:
    return keys(story, CAUSE, *lost(story, Hop.ROUTED, *numbers))


@EACH
def test_each_lost_event_has_an_exception_of_its_own(system: System) -> None:
    assert named(failing(system(), 2, 4), 2, 4) == ["main/2", "main/4"]


@EACH
def test_a_worker_that_failed_takes_all_that_come_after_it(system: System) -> None:
    assert named(failing(system(), 5, 6, 7, errors=1), 5, 6, 7) == ["main/5", "main/6", "main/7"]


@EACH
def test_fewer_exceptions_than_losses_are_not_the_cause_if_others_were_routed_later(system: System) -> None:
    story = failing(system(), 2, 4, errors=1)
    assert named(story, 2, 4) == []


@EACH
def test_what_was_raised_before_the_event_or_long_after_it_is_of_something_else(system: System) -> None:
    early = Story.fact(system(), BackgroundError, "server", inside="thread", error="OSError", where="log.py:1 flush")
    early.records[-1] = replace(early.records[-1], n=0, at_ns=0)
    assert named(failing(early, 4, errors=0), 4) == []
    late = failing(system(), 7, errors=0).wait(1500)
    late.fact(BackgroundError, "server", inside="thread", error="OSError", where="log.py:1 flush")
    assert named(late, 7) == []


def followed(story: Story, errors: int, process: str = "second:2") -> Story:
    """All pages are at a second server, which is a client of the first, and what it raised over what it was told."""
    connected_to(emitted_by(story, "first:1", room=None), A="second:2", B="second:2")
    return raised_in(story, process, errors)


def raised_in(story: Story, process: str, errors: int) -> Story:
    about = {"inside": "task", "error": "TypeError: told() takes 1", "where": "second.py:9 told", "process": process}
    for _ in range(errors):
        story.fact(BackgroundError, "server", **about)
    return story


@EACH
def test_what_a_second_server_raised_over_events_kept_them_from_its_pages(system: System) -> None:
    mine = lost(system(), Hop.ROUTED, *range(1, 8))
    [blame] = explained(CAUSE, followed(system(), 7), *mine)
    assert sentences.line(blame.sentence).startswith("a task of process second raised before it emitted: TypeError")
    assert len(blame.explains) == 7


@EACH
def test_what_another_process_raised_or_the_pages_own_has_passed_on_is_not_the_cause(system: System) -> None:
    mine = lost(system(), Hop.ROUTED, *range(1, 8))
    assert explained(CAUSE, followed(system(), 7, process="first:1"), *mine) == [], "it emitted them"
    assert explained(CAUSE, followed(system(), 7, process="third:3"), *mine) == [], "no page is there"
    passed_on = raised_in(emitted_by(connected_to(system(), A="second:2"), "second:2", room=None), "second:2", 7)
    assert explained(CAUSE, passed_on, *mine) == []
    unknown = raised_in(emitted_by(system(), "first:1", room=None), "second:2", 7)
    assert explained(CAUSE, unknown, *mine) == [], "where the pages are is not known"


@EACH
def test_of_nothing_lost_no_exception_is_the_cause(system: System) -> None:
    assert named(failing(system(), errors=2), 3) == []
