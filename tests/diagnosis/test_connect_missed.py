"""Pages that were connected before they listened to it, on two systems; and what only looks so."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from harness.model import Aspect, Finding, Hop, Kind
from harness.model.facts import Joined, PageConnected, PageListens, Requested
from tests.support.explained import explained, outcome
from tests.support.ledgers import Story
from tests.support.other_systems import EACH, lost
from tests.support.records import said

CAUSE = "connect-missed"
OFFLINE = {"text": "offline", "connected": False}
ONLINE = {"text": "online", "connected": True}
System = Callable[[], Story]


def late(story: Story, **status: object) -> Story:
    """Dashboard A misses everything, and listened to `connect` when it was connected."""
    sid = story.pages["A"].sid
    story.records = [r for r in story.records if not said(Requested, sid=sid)(r) and not said(Joined, sid=sid)(r)]
    for number in range(1, 8):
        story.lose(f"main/{number}", Hop.ROUTED, "A")
    story.fact(PageListens, "dashboard:A.1", socket=1, name="connect", count=1, where="/app.js:7")
    return story.shows("A", status=status or OFFLINE)


def named(story: Story) -> list[str | None]:
    wrong = replace(outcome(Kind.MISRENDERED, Hop.RENDERED, None, "A"), finding=Finding(Aspect.STATUS))
    blames = explained(CAUSE, story, *lost(story, Hop.ROUTED, 1), wrong)
    assert all(blame.hops == (Hop.ROUTED,) for blame in blames)
    return [o.key for blame in blames for o in blame.explains]


@EACH
def test_a_page_that_never_says_what_it_wants_and_that_it_is_connected(system: System) -> None:
    story = late(system())
    assert named(story) == ["main/1", None]
    assert explained("not-in-room", story, *lost(story, Hop.ROUTED, 1)) == []


@EACH
def test_a_listener_that_was_there_in_time(system: System) -> None:
    story = late(system())
    first = next(r.n for r in story.records if said(PageConnected, "A")(r))
    assert named(story.change(said(PageListens), lambda f: replace(f, n=first - 1))) == []


@EACH
def test_a_page_that_connected_again_heard_of_it(system: System) -> None:
    story = late(system()).fact(PageConnected, "dashboard:A.1", sid="again", transport="websocket")
    assert named(story) == []


@EACH
def test_a_page_that_asked_or_joined_all_the_same(system: System) -> None:
    story = late(system())
    sid = story.pages["A"].sid
    assert named(story.fact(Joined, "server", sid=sid, room="elsewhere")) == []
    asked = late(system())
    assert named(asked.fact(Requested, "server", name="watch", sid=asked.pages["A"].sid)) == []


@EACH
def test_where_no_page_asks_and_it_says_online_a_late_listener_is_harmless(system: System) -> None:
    story = late(system(), **ONLINE)
    story.records = [r for r in story.records if not said(Requested)(r)]
    assert named(story) == []
