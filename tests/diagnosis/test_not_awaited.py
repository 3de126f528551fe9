"""Emits and joins that were never awaited, on two systems; and what only looks so."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from harness.model import PAGE_SIDE, Hop
from harness.model.facts import Joined, NeverAwaited
from tests.support.causes import gone
from tests.support.explained import explained
from tests.support.ledgers import Story
from tests.support.other_systems import EACH, keys, lost

CAUSE = "not-awaited"
System = Callable[[], Story]


def forgotten(story: Story, *numbers: int, **told: Any) -> Story:
    """Events that were taken and never routed, and for each a call that was not awaited."""
    gone(story, tuple(f"main/{number}" for number in numbers), Hop.ROUTED, *PAGE_SIDE, acknowledged=True)
    for number in numbers:
        how = {"function": "AsyncServer.emit", "does": ("emit",), "key": f"main/{number}", "where": "app.py:4 take"}
        story.fact(NeverAwaited, "server", **{**how, **told})
    return story


def outside(story: Story, **told: Any) -> Story:
    """Dashboard A in no room, and the call that was to let it in, which was not awaited."""
    sid = story.pages["A"].sid
    for number in range(1, 8):
        story.lose(f"main/{number}", Hop.ROUTED, "A")
    how = {"function": "AsyncServer.enter_room", "does": ("enter_room",), "room": "main", "sid": sid, "asked": "watch"}
    return story.fact(NeverAwaited, "server", **{**how, **told})


def named(story: Story, *numbers: int) -> list[str | None]:
    return keys(story, CAUSE, *lost(story, Hop.ROUTED, *numbers))


@EACH
def test_an_emit_that_was_not_awaited(system: System) -> None:
    assert named(forgotten(system(), 2, 4), 2, 4) == ["main/2", "main/4"]


@EACH
def test_a_function_of_the_servers_own_that_was_to_emit(system: System) -> None:
    story = forgotten(system(), 3, function="tell")
    [blame] = explained(CAUSE, story, *lost(story, Hop.ROUTED, 3))
    assert blame.sentence == "tell() is called for them and never awaited, so that it never runs."
    assert blame.places == ("app.py:4 take",)


@EACH
def test_what_was_not_awaited_is_of_another_event_or_does_something_else(system: System) -> None:
    assert named(forgotten(system(), 2, key="main/6"), 2) == []
    assert named(forgotten(system(), 2, function="log", does=()), 2) == []


@EACH
def test_an_event_that_was_routed_all_the_same_lacks_no_await(system: System) -> None:
    story = system().fact(NeverAwaited, "server", function="AsyncServer.emit", does=("emit",), key="main/3")
    story.lose("main/3", Hop.DELIVERED, "A")
    assert named(story, 3) == []


@EACH
def test_an_unawaited_join_is_told_once_and_not_as_an_empty_room(system: System) -> None:
    story = outside(system())
    failed = lost(story, Hop.ROUTED, 1, 2)
    assert keys(story, CAUSE, *failed) == ["main/1", "main/2"]
    for other in ("room-mismatch", "not-in-room"):
        assert explained(other, story, *failed) == []


@EACH
def test_another_room_another_client_or_one_that_was_joined_after_all(system: System) -> None:
    assert named(outside(system(), room="elsewhere"), 1) == []
    assert named(outside(system(), sid="sid-main"), 1) == []
    joined = system()
    sid = joined.pages["A"].sid
    assert named(outside(joined.fact(Joined, "server", sid=sid, room="main")), 1) == []
