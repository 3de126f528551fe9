"""What speaks against a cause, beside everything that speaks for it: then it is not named."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from harness.model import Aspect, Finding, Hop, Kind, Outcome
from harness.model.facts import ClientConnected, Connected, Disconnected, Joined, Left, Notice, PageConnected
from tests.support.causes_in_clis import EVENTS
from tests.support.causes_in_routing import in_rooms, subscribed
from tests.support.explained import explained, outcome, paper
from tests.support.facts import other
from tests.support.ledgers import Story
from tests.support.records import at, said

Told = tuple[Story, list[Outcome]]


def second_connection(story: Story, room: str) -> Story:
    """Dashboard A has one more connection, in a room of its own."""
    opened = {"sid": "sid-second", "transport": "websocket"}
    story.fact(Connected, "server", role="dashboard", origin=None, **opened).fact(
        PageConnected, "dashboard:A.1", **opened
    )
    return story.fact(Joined, "server", sid="sid-second", room=room)


def lost(story: Story, *keys: str) -> Told:
    for key in keys:
        story.lose(key, Hop.ROUTED, "A")
    return story, [outcome(Kind.LOST, Hop.ROUTED, key, "A") for key in keys]


def ack_before_join(is_second_in: bool) -> Told:
    story = subscribed("A").drop(said(Joined))
    if is_second_in:
        second_connection(story, "main")
    story.emit("main", *EVENTS[:2]).fact(Joined, "server", sid=story.pages["A"].sid, room="main")
    return lost(story.emit("main", *EVENTS[2:]).end("main"), "main/1", "main/2")


def room_left(is_second_in: bool) -> Told:
    story = in_rooms(subscribed("A"), "main")
    if is_second_in:
        second_connection(story, "main")
    story.emit("main", *EVENTS[:2]).fact(Left, "server", sid=story.pages["A"].sid, room="main")
    return lost(story.emit("main", *EVENTS[2:]).end("main"), "main/3")


def bad_token(is_let_in: bool) -> Told:
    story = paper("bad-token")
    if is_let_in:
        story.fact(ClientConnected, "cli:main", url="http://127.0.0.1:1", transport="websocket")
    refused = Finding(Aspect.CLI_REFUSED, party="cli:main", text="bad-token")
    return story, [outcome(Kind.REFUSED, Hop.SENT, None, None, refused)]


def field_rename(is_so_before: bool) -> Told:
    story, differs = paper("field-rename"), {"differs": {"missing": ["task_name"], "added": ["task"]}}
    if is_so_before:
        story.change(at(Hop.DELIVERED, "main/4", "A"), lambda s: replace(s, detail=differs))
    return story, [outcome(Kind.CORRUPTED, Hop.APPLIED, "main/4", "A")]


def announced_late(is_told_otherwise: bool) -> Told:
    story = paper("announced-late")
    if is_told_otherwise:
        first = said(Notice, "A", name="connection:established")
        story.change(first, lambda fact: other(fact, payload={"session": "main"}))
    late = Finding(Aspect.ANNOUNCED_LATE, session="main")
    return story, [outcome(Kind.REORDERED, Hop.DELIVERED, None, "A", late)]


def two_active(has_ended: bool) -> Told:
    story = Story("single-session").open("A").start("main")
    if has_ended:
        story.emit("main", *EVENTS)
    story.start("other")
    both = Finding(Aspect.SECOND_ACTIVE, session="other", other="main")
    return story, [outcome(Kind.EXCLUSIVITY, Hop.RECEIVED, None, None, both)]


def lease_stuck(is_there: bool) -> Told:
    story = paper("lease-stuck")
    if is_there:
        story.drop(said(Disconnected, sid="sid-main"))
    stuck = Finding(Aspect.NOT_RELEASED, session="main", count=1)
    return story, [outcome(Kind.STUCK, Hop.RECEIVED, None, None, stuck)]


def payload_changed(is_wrong_by_itself: bool) -> Told:
    aspect = Aspect.NOT_AS_DESCRIBED if is_wrong_by_itself else Aspect.PAYLOAD
    return paper("payload-changed"), [outcome(Kind.CORRUPTED, Hop.ROUTED, "main/4", None, Finding(aspect))]


CHECKS: dict[str, Callable[[bool], Told]] = {
    "ack-before-join": ack_before_join,
    "room-left": room_left,
    "bad-token": bad_token,
    "field-rename": field_rename,
    "announced-late": announced_late,
    "two-active": two_active,
    "lease-stuck": lease_stuck,
    "payload-changed": payload_changed,
}


@pytest.mark.parametrize("cause", CHECKS)
def test_a_cause_is_named_until_something_speaks_against_it(cause: str) -> None:
    for speaks_against in (False, True):
        story, outcomes = CHECKS[cause](speaks_against)
        blamed = [o for blame in explained(cause, story, *outcomes) for o in blame.explains]
        assert blamed == ([] if speaks_against else outcomes)
