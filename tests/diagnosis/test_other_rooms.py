"""What the rules make of emits to rooms, or in a namespace, in which no dashboard is."""

from __future__ import annotations

from dataclasses import replace

import pytest

from harness.model import Event, Hop, Kind
from harness.model.facts import Joined, Unrouted
from harness.reporting import sentences
from tests.support.explained import explained, outcome, paper
from tests.support.facts import other
from tests.support.ledgers import Story
from tests.support.records import said

EVENT = Event("main/3", "step", "main", 3, "d")
LOST = outcome(Kind.LOST, Hop.ROUTED)
"""`main/3` for dashboard A."""


def test_a_replay_to_one_dashboard_does_not_hide_the_namespace_of_another() -> None:
    story = paper("egress-namespace")
    late = story.pages["B"].sid
    story.see(Hop.ROUTED, replace(EVENT, name="checkpoint:created"), "server", (late,), room=late, namespace="/")
    [blame] = explained("egress-namespace", story, LOST)
    assert blame.sentence == "the server emits in namespace '/dashboards', and no dashboard is in it."


def mistyped(to: object, inside: str) -> Story:
    """Dashboards in one room, and an emit to another."""
    story = Story("broadcast").open("A", "B")
    sids = tuple(page.sid for page in story.pages.values())
    told = {"connected": sids, "rooms": {inside: sids}, "where": "server.js:11", "room": to}
    story.change(said(Joined), lambda f: other(f, room=inside))
    return story.fact(Unrouted, "server", key="main/3", **told)


def test_rooms_of_one_name_and_two_types() -> None:
    [blame] = explained("room-mismatch", mistyped("<number 7>", "7"), LOST)
    assert sentences.line(blame.sentence) == (
        "the server emits to room 7 (number), and the dashboards are in room '7' (text)."
    )
    told = [sentences.line(line) for line in blame.evidence]
    assert told[0] == "server: 1 event emitted to room 7, recipients: none (server.js:11)"
    assert told[1] == "members of room 7: none" and told[2].endswith("in rooms: '7'")


@pytest.mark.parametrize("inside", ["bar", "cellar"])
def test_what_one_place_emits_to_empty_rooms_is_one_cause(inside: str) -> None:
    story = mistyped("hall", inside)
    sids = tuple(page.sid for page in story.pages.values())
    for number, (room, place) in enumerate([("yard", 11), ("lane", 11), ("roof", 11), ("attic", 40)], start=4):
        told = {"connected": sids, "rooms": {inside: sids}, "where": f"server.js:{place}", "room": room}
        story.fact(Unrouted, "server", key=f"main/{number}", **told)
    mine = [outcome(Kind.LOST, Hop.ROUTED, f"main/{number}") for number in range(3, 8)]
    several, one = explained("room-mismatch", story, *mine)
    assert sentences.line(several.sentence) == (
        "the server emits to rooms 'hall', 'yard', 'lane' and 1 more, and no dashboard is in them."
    )
    assert [*several.explains] == mine[:4] and several.places == ("server.js:11",)
    assert sentences.evidence(several)[2] == "server: 1 event emitted to room 'yard', recipients: none (server.js:11)"
    assert sentences.line(one.sentence) == "the server emits to room 'attic', and no dashboard is in it."
    assert [*one.explains] == mine[4:]


def test_several_empty_rooms() -> None:
    [blame] = explained("room-mismatch", mistyped(("kitchen", "<number 7>"), "bar"), LOST)
    assert sentences.line(blame.sentence) == ("the server emits to room 'kitchen' or 7, and no dashboard is in it.")
    assert explained("room-mismatch", mistyped(("kitchen", "bar"), "bar"), LOST) == []
