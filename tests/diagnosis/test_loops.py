"""Loops that stand still, threads that emit from outside, reserved names: what is theirs, and what only looks so."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from harness.model import Aspect, Event, Finding, Hop, Kind, Outcome, Sighting
from harness.model.facts import Blocked
from harness.reporting import sentences
from tests.support.explained import explained, outcome
from tests.support.ledgers import Story
from tests.support.other_systems import EACH, lost
from tests.support.records import at, said

MS = 1_000_000


def late(number: int, hop: Hop) -> Outcome:
    return outcome(Kind.LATE, hop, f"main/{number}", finding=Finding(Aspect.LATENCY, hop=hop, measured_ms=2400.0))


def seen_ns(story: Story, hop: Hop, key: str) -> int:
    return next(each.at_ns for each in story.ledger().sightings if each.hop is hop and each.event.key == key)


def waits(story: Story, key: str, last: Hop, ms: int = 2400) -> Story:
    """The event waits before a hop: everything of it from there on is later."""

    def later(each: Any) -> Any:
        return replace(each, at_ns=each.at_ns + ms * MS)

    for hop in (each for each in Hop if each >= last):
        story.change(at(hop, key), later)
    return story


def blocks(story: Story, until_ns: int, ms: float, name: str | None = "cycle") -> Story:
    """Something kept the loop up to a moment."""
    story.fact(Blocked, "server", ms=ms, sid=None, name=name, where="board.py:4 take")
    return story.change(said(Blocked), lambda each: replace(each, at_ns=until_ns))


@EACH
def test_a_handler_that_keeps_the_loop_is_named_with_its_place_and_time(system: Callable[[], Story]) -> None:
    story = waits(system(), "main/4", Hop.RECEIVED)
    story = blocks(story, seen_ns(story, Hop.RECEIVED, "main/4"), 2000)
    [blame] = explained("loop-blocked", story, late(4, Hop.RECEIVED))
    assert (blame.hop, blame.places) == (Hop.RECEIVED, ("board.py:4 take",))
    assert sentences.line(blame.sentence).startswith(
        "the handler of 'cycle' stops the server's event loop, for up to 2"
    )


@EACH
@pytest.mark.parametrize(("ms", "ago_ms"), [(900, 0), (2000, 5000)], ids=["too short", "long before"])
def test_a_loop_that_ran_most_of_the_time_is_not_why_an_event_waited(
    system: Callable[[], Story], ms: float, ago_ms: int
) -> None:
    story = waits(system(), "main/4", Hop.RECEIVED)
    story = blocks(story, seen_ns(story, Hop.RECEIVED, "main/4") - ago_ms * MS, ms)
    assert explained("loop-blocked", story, late(4, Hop.RECEIVED)) == []


@EACH
def test_what_a_page_draws_late_no_server_holds_up(system: Callable[[], Story]) -> None:
    story = waits(system(), "main/4", Hop.RENDERED)
    story = blocks(story, seen_ns(story, Hop.RENDERED, "main/4"), 2400)
    assert explained("loop-blocked", story, late(4, Hop.RENDERED)) == []


def emitted_outside(story: Story, *numbers: int) -> Story:
    for number in numbers:
        story.change(at(Hop.ROUTED, f"main/{number}"), lambda s: replace(s, detail={**s.detail, "foreign": "scale-1"}))
    return story


@EACH
@pytest.mark.parametrize("kind", [Kind.LATE, Kind.LOST])
def test_a_thread_that_emits_from_outside_is_named(system: Callable[[], Story], kind: Kind) -> None:
    what = outcome(kind, Hop.DELIVERED, "main/3")
    [blame] = explained("foreign-thread", emitted_outside(system(), 3), what)
    assert blame.hop is Hop.DELIVERED and "thread scale-1 emits outside" in sentences.line(blame.sentence)


@EACH
def test_what_the_loop_itself_emitted_is_late_for_another_reason(system: Callable[[], Story]) -> None:
    story = emitted_outside(system(), 2, 5)
    assert explained("foreign-thread", story, outcome(Kind.LATE, Hop.DELIVERED, "main/3")) == []
    story = emitted_outside(system(), 3).drop(at(Hop.ROUTED, "main/3"))
    assert explained("foreign-thread", story, outcome(Kind.LOST, Hop.DELIVERED, "main/3")) == []


def called(story: Story, name: str, *numbers: int) -> Story:
    """Some events have another name, wherever they were seen."""

    def renamed(each: Any) -> Any:
        event: Event = each.event
        return replace(each, event=replace(event, name=name))

    for number in numbers:
        key = f"main/{number}"
        story.change(lambda each, key=key: isinstance(each, Sighting) and each.event.key == key, renamed)  # type: ignore[misc]
    return story


@EACH
@pytest.mark.parametrize("name", ["connect", "disconnect"])
def test_an_event_with_a_name_of_the_librarys_own_is_that(system: Callable[[], Story], name: str) -> None:
    story = called(system(), name, 2, 3).drop(*(at(Hop.ROUTED, f"main/{number}") for number in (2, 3)))
    [blame] = explained("reserved-name", story, *lost(story, Hop.ROUTED, 2, 3, 5))
    assert [each.key for each in blame.explains] == ["main/2", "main/3"]


@EACH
def test_a_reserved_name_that_got_further_is_not_why_another_of_it_is_lost(system: Callable[[], Story]) -> None:
    story = called(system(), "connect", 2, 3).drop(at(Hop.ROUTED, "main/3"))
    assert explained("reserved-name", story, *lost(story, Hop.ROUTED, 3)) == []


@EACH
def test_where_nothing_got_further_no_name_is_to_blame(system: Callable[[], Story]) -> None:
    story = called(system(), "connect", 2).drop(at(Hop.ROUTED))
    assert explained("reserved-name", story, *lost(story, Hop.ROUTED, 1, 2, 3)) == []


@EACH
def test_a_name_that_is_only_like_a_reserved_one_is_not_reserved(system: Callable[[], Story]) -> None:
    story = called(system(), "device-connect", 2).drop(at(Hop.ROUTED, "main/2"))
    assert explained("reserved-name", story, *lost(story, Hop.ROUTED, 2)) == []
