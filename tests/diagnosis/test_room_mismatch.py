"""A room without members, on two systems; and what keeps dashboards out of one that they were to be in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from harness.model import Hop
from harness.model.facts import Joined, NeverAwaited, Notice, PageListens, Requested, Unrouted
from tests.support.ledgers import Story
from tests.support.other_systems import EACH, keys, lost
from tests.support.records import at, said
from tests.support.stories import auto_discovery

System = Callable[[], Story]


def without_members(story: Story) -> Story:
    """The third event goes to a room, and no dashboard has ever been in it or asked for anything."""
    sids = {page.sid for page in story.pages.values()}
    story.records = [
        each
        for each in story.records
        if not any(said(body, sid=sid)(each) for body in (Joined, Requested) for sid in sids)
    ]
    story.lose("main/3", Hop.ROUTED)
    story.change(at(Hop.ROUTED, "main/3"), lambda s: replace(s, detail={**s.detail, "room": "stock"}))
    return story.fact(
        Unrouted, "server", key="main/3", room="stock", rooms={}, connected=[*sids], where="app.py:5 tell"
    )


def named(story: Story) -> list[str | None]:
    return keys(story, "room-mismatch", *lost(story, Hop.ROUTED, 3))


@EACH
def test_an_empty_room(system: System) -> None:
    assert named(without_members(system())) == ["main/3"]


@EACH
@pytest.mark.parametrize("room", ["stock", "another"])
def test_a_join_that_was_not_awaited_is_the_cause_where_it_is_of_that_room(system: System, room: str) -> None:
    story = without_members(system())
    how = {"function": "AsyncServer.enter_room", "does": ("enter_room",), "room": room, "sid": story.pages["A"].sid}
    story.fact(NeverAwaited, "server", where="app.py:4 watch", **how)
    assert named(story) == ([] if room == "stock" else ["main/3"])


@EACH
def test_a_page_that_listens_to_connect_too_late_never_asks_for_the_room(system: System) -> None:
    story = without_members(system()).fact(
        PageListens, "dashboard:A.1", socket=1, name="connect", count=1, where="/app.js:7"
    )
    assert named(story.shows("A", status={"text": "offline", "connected": False})) == []


def test_where_sessions_are_announced_a_dashboard_told_of_none_could_join_none() -> None:
    assert named(without_members(auto_discovery())) == ["main/3"]
    assert named(without_members(auto_discovery()).drop(said(Notice, name="session:announced"))) == []
