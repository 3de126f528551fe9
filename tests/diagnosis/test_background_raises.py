"""Threads and tasks that fail behind a handler that does not, on two systems; and what only looks so."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from harness.model import PAGE_SIDE, Hop
from harness.model.facts import BackgroundError
from tests.support.causes import gone
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
def test_fewer_exceptions_than_losses_are_not_the_cause_where_others_were_routed_later(system: System) -> None:
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


@EACH
def test_of_nothing_lost_no_exception_is_the_cause(system: System) -> None:
    assert named(failing(system(), errors=2), 3) == []
