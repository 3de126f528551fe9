"""A room, or one client, that a dashboard is not in; and what looks like that and is not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import pytest

from harness.model import Hop, Kind, Sighting
from harness.model.facts import Joined, Unrouted
from harness.reporting import sentences
from tests.support.explained import explained, outcome
from tests.support.ledgers import Story
from tests.support.other_systems import EACH, keys, lost
from tests.support.records import at

System = Callable[[], Story]


def to_first(system: System) -> Story:
    """One event goes to a room that A has joined, and B has not."""
    story = system().lose("main/3", Hop.ROUTED, "B")
    story.change(at(Hop.ROUTED), lambda s: replace(s, detail={**s.detail, "room": None}))
    story.change(at(Hop.ROUTED, "main/3"), lambda s: replace(s, detail={**s.detail, "room": "first"}))
    return story.fact(Joined, "server", sid=story.pages["A"].sid, room="first")


@EACH
def test_who_never_joined_a_room_that_others_are_in_is_told_so(system: System) -> None:
    story = to_first(system)
    [blame] = explained("not-in-room", story, *lost(story, Hop.ROUTED, 3, label="B"))
    assert sentences.line(blame.sentence) == "the server emits to room 'first', which dashboard B never joined."
    alone = to_first(system)
    sid = alone.pages["A"].sid
    alone.change(at(Hop.ROUTED, "main/3"), lambda s: replace(s, detail={**s.detail, "room": sid}))
    [blame] = explained("not-in-room", alone, *lost(alone, Hop.ROUTED, 3, label="B"))
    assert sentences.line(blame.sentence) == "the server emits to dashboard A alone, and not to dashboard B."


@EACH
def test_the_other_client_that_it_reached_is_not_a_second_cause(system: System) -> None:
    story = to_first(system)
    leaked = outcome(Kind.LEAKED, Hop.ROUTED, "main/3", "A")
    [blame] = explained("not-in-room", story, *lost(story, Hop.ROUTED, 3, label="B"), leaked)
    assert leaked in blame.explains and [o.key for o in blame.explains] == ["main/3", "main/3"]
    alone = outcome(Kind.LEAKED, Hop.ROUTED, "main/2", "A")
    [blame] = explained("not-in-room", story, *lost(story, Hop.ROUTED, 3, label="B"), alone)
    assert alone not in blame.explains and explained("not-in-room", story, alone) == []


@EACH
def test_the_last_emit_that_came_to_no_page_may_have_others_after_it(system: System) -> None:
    """The server may stand in it: the next dashboard has not had its turn."""
    story = system().lose("main/7", Hop.ROUTED, "B")
    detail = {"room": story.pages["A"].sid}
    story.change(at(Hop.ROUTED, "main/7"), partial(replace, detail=detail))
    assert keys(story, "not-in-room", *lost(story, Hop.ROUTED, 7, label="B")) == ["main/7"]
    story.lose("main/7", Hop.DELIVERED, "A")
    assert keys(story, "not-in-room", *lost(story, Hop.ROUTED, 7, label="B")) == []


@EACH
def test_clients_that_are_told_in_turn_are_one_cause(system: System) -> None:
    story = system().lose("main/3", Hop.ROUTED, "B").lose("main/4", Hop.ROUTED, "A")
    story.change(at(Hop.ROUTED), lambda s: replace(s, detail={**s.detail, "room": None}))
    for number, label in ((3, "A"), (4, "B")):
        detail = {"room": story.pages[label].sid}
        story.change(at(Hop.ROUTED, f"main/{number}"), partial(replace, detail=detail))
    failed = [*lost(story, Hop.ROUTED, 3, label="B"), *lost(story, Hop.ROUTED, 4, label="A")]
    [blame] = explained("not-in-room", story, *failed)
    said = sentences.line(blame.sentence)
    assert said == "the server emits each event to one client alone: dashboard A, dashboard B are told in turn."


@EACH
@pytest.mark.parametrize("how", ["it joined", "it was resolved for that room", "it is empty", "the sender alone"])
def test_another_cause_than_a_missing_member(system: System, how: str) -> None:
    story = to_first(system)
    if how == "it joined":
        story.fact(Joined, "server", sid=story.pages["B"].sid, room="first")
    elif how == "it was resolved for that room":
        story.change(at(Hop.ROUTED, "main/2"), lambda s: replace(s, detail={**s.detail, "room": "first"}))
    elif how == "it is empty":
        story.change(at(Hop.ROUTED, "main/3"), lambda s: replace(s, recipients=()))
        story.fact(Unrouted, "server", key="main/3", room="first", rooms={}, connected=[], where=None)
    else:
        own = {"room": "sid-main"}
        story.change(at(Hop.ROUTED, "main/3"), lambda s: replace(s, recipients=("sid-main",), detail=own))
    assert keys(story, "not-in-room", *lost(story, Hop.ROUTED, 3, label="B")) == []


@EACH
def test_a_room_that_the_sender_alone_is_in_is_one_that_dashboards_have_not_joined(system: System) -> None:
    story = system().lose("main/3", Hop.ROUTED, "A", "B")
    told = {"recipients": ("sid-main",), "detail": {"room": "lobby"}}
    story.change(at(Hop.ROUTED, "main/3"), lambda s: replace(s, **told))
    assert keys(story, "not-in-room", *lost(story, Hop.ROUTED, 3)) == ["main/3"]
    assert keys(story, "only-sender-told", *lost(story, Hop.ROUTED, 3)) == []


@EACH
def test_an_id_of_a_connection_is_in_one_process_whatever_a_queue_carries_and_a_room_is_not(system: System) -> None:
    room, alone = to_first(system), to_first(system)
    sid = alone.pages["A"].sid
    for story, name in ((room, "first"), (alone, sid)):
        story.change(at(Hop.ROUTED, "main/3"), partial(_through_a_queue, name))
    assert explained("not-in-room", room, *lost(room, Hop.ROUTED, 3, label="B")) == [], "others may be in it elsewhere"
    [blame] = explained("not-in-room", alone, *lost(alone, Hop.ROUTED, 3, label="B"))
    assert sentences.line(blame.sentence) == "the server emits to dashboard A alone, and not to dashboard B."


def _through_a_queue(room: str, sighting: Sighting) -> Sighting:
    return replace(sighting, detail={**sighting.detail, "room": room, "publishes": True})
