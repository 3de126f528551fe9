"""Connections that a server gave up, on two systems; and what only looks so."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from harness.model import Hop
from harness.model.facts import Disconnected, Faulted
from tests.support.ledgers import Story
from tests.support.other_systems import EACH, keys, lost
from tests.support.records import said

CAUSE = "ping-timeout"
System = Callable[[], Story]


def given_up(story: Story, reason: str = "ping timeout", label: str = "A") -> Story:
    story.lose("main/4", Hop.DELIVERED, "A").lose("main/5", Hop.DELIVERED, "A")
    return story.fact(Disconnected, "server", sid=story.pages[label].sid, reason=reason)


def named(story: Story) -> list[str | None]:
    return keys(story, CAUSE, *lost(story, Hop.DELIVERED, 4, 5))


@EACH
def test_what_was_on_its_way_to_a_page_that_did_not_answer(system: System) -> None:
    assert named(given_up(system())) == ["main/4", "main/5"]


@EACH
def test_another_end_or_another_page_s(system: System) -> None:
    assert named(given_up(system(), "transport close")) == []
    assert named(given_up(system(), label="B")) == []


@EACH
def test_what_was_routed_only_after_that(system: System) -> None:
    story = given_up(system()).change(said(Disconnected, reason="ping timeout"), lambda f: replace(f, n=0))
    assert named(story) == []


@EACH
def test_where_the_harness_disturbs_the_line_it_is_the_harness(system: System) -> None:
    assert named(given_up(system().fact(Faulted, "run", fault="half-open"))) == []
