"""What is handed over to a dashboard that comes late, or comes back: nothing, all, or all but some. On two systems."""

from __future__ import annotations

from dataclasses import replace

import pytest

from harness.model import Blame, Hop, Kind, Sighting
from harness.model.facts import Joined, Requested
from harness.reporting import sentences
from tests.support.causes_in_routing import handed
from tests.support.explained import explained, outcome
from tests.support.facts import other
from tests.support.ledgers import Story
from tests.support.other_systems import CYCLES, STOCK
from tests.support.records import at, said

EACH = pytest.mark.parametrize("names", [STOCK, CYCLES], ids=["warehouse", "floor"])
BEFORE = 4
CAUSES = ("no-replay", "gap-no-replay", "replay-incomplete")


def late(names: tuple[str, ...]) -> Story:
    """B subscribes when four events have passed, and is handed them over."""
    story = Story("subscription", declared=(), panels=()).open("A", "B").start("main").subscribe("A", "main")
    story.emit("main", *names[:BEFORE]).subscribe("B", "main")
    handed(story, "B").emit("main", *names[BEFORE:]).end("main")
    return story.change(said(Joined), lambda fact: other(fact, room="main"))


def back(names: tuple[str, ...]) -> Story:
    """B is away while two events pass, and is handed them over."""
    story = Story("broadcast", declared=(), panels=()).open("A", "B").start("main").emit("main", *names[:3])
    story.disconnect("B").emit("main", *names[3:5]).connect("B")
    return handed(story, "B").emit("main", *names[5:]).end("main")


def said_of(story: Story, hop: Hop, *numbers: int) -> dict[str, list[str | None]]:
    """The causes that claim the loss of these events to B, with what each claims."""
    lost = [outcome(Kind.LOST, hop, f"main/{number}", "B") for number in numbers]
    found = {cause: [o.key for b in explained(cause, story, *lost) for o in b.explains] for cause in CAUSES}
    return {cause: keys for cause, keys in found.items() if keys}


def told(story: Story, *numbers: int) -> Blame:
    lost = [outcome(Kind.LOST, Hop.ROUTED, f"main/{number}", "B") for number in numbers]
    [blame] = explained("replay-incomplete", story, *lost)
    return blame


@EACH
def test_a_replay_that_lacks_something_is_not_a_missing_replay(names: tuple[str, ...]) -> None:
    some = late(names).lose("main/2", Hop.ROUTED, "B")
    assert said_of(some, Hop.ROUTED, 2) == {"replay-incomplete": ["main/2"]}
    lines = sentences.evidence(told(some, 2))
    assert "server: emitted to dashboard B alone, after they had passed: main/1, main/3, main/4" in lines
    assert "server: main/2 had passed too, and was never emitted to it" in lines
    none = late(names)
    for number in range(1, BEFORE + 1):
        none.lose(f"main/{number}", Hop.ROUTED, "B")
    assert said_of(none, Hop.ROUTED, 1, 2) == {"no-replay": ["main/1", "main/2"]}


@EACH
def test_what_a_dashboard_lacks_of_its_absence_is_told_by_the_same_measure(names: tuple[str, ...]) -> None:
    some = back(names).lose("main/4", Hop.ROUTED, "B")
    assert said_of(some, Hop.DELIVERED, 4) == {"replay-incomplete": ["main/4"]}
    none = back(names).lose("main/4", Hop.ROUTED, "B").lose("main/5", Hop.ROUTED, "B")
    assert said_of(none, Hop.DELIVERED, 4, 5) == {"gap-no-replay": ["main/4", "main/5"]}


@EACH
def test_what_passed_between_the_replay_and_the_room_is_told_so(names: tuple[str, ...]) -> None:
    story = Story("subscription", declared=(), panels=()).open("A", "B").start("main").subscribe("A", "main")
    story.emit("main", *names[:3]).subscribe("B", "main")
    sid = story.pages["B"].sid
    handed(story, "B").drop(said(Joined, sid=sid)).emit("main", names[3]).fact(Joined, "server", sid=sid, room="main")
    story.emit("main", *names[4:]).end("main").lose("main/4", Hop.ROUTED, "B")
    lines = sentences.evidence(told(story, 4))
    assert "main/4 passed after what was handed over, and before dashboard B was in the room" in lines


@EACH
def test_a_server_that_emits_to_each_connection_by_itself_hands_nothing_over(names: tuple[str, ...]) -> None:
    """Each event has a routing for each dashboard; B's comes second, and it came, asked and joined long before."""
    story = late(names)
    for number in range(1, BEFORE + 1):
        story.lose(f"main/{number}", Hop.ROUTED, "B")
    a, b = (story.pages[label].sid for label in "AB")
    for number in range(BEFORE + 1, len(names) + 1):
        one = at(Hop.ROUTED, f"main/{number}")
        story.double(one)
        first, second = (r for r in story.records if one(r))
        told_to = {first.n: a, second.n: b}
        story.change(one, lambda s, to=told_to: replace(s, recipients=(to[s.n],), detail={**s.detail, "room": to[s.n]}))  # type: ignore[misc]
    assert any(isinstance(r, Sighting) and r.recipients == (b,) for r in story.records)
    story.change(at(Hop.ROUTED, "main/1"), lambda s: replace(s, detail={**s.detail, "room": "main"}))
    assert said_of(story, Hop.ROUTED, 1) == {"no-replay": ["main/1"]}


@EACH
def test_who_was_there_when_it_was_emitted_lacks_nothing_of_a_replay(names: tuple[str, ...]) -> None:
    assert said_of(late(names).lose("main/6", Hop.ROUTED, "B"), Hop.ROUTED, 6) == {}


@EACH
def test_who_was_let_in_before_it_asked_lacks_its_replay_for_that(names: tuple[str, ...]) -> None:
    """The server takes it for one that has everything: what is wrong is that it was in the room."""
    story = late(names)
    for number in range(1, BEFORE + 1):
        story.lose(f"main/{number}", Hop.ROUTED, "B")
    assert said_of(story, Hop.ROUTED, 1) == {"no-replay": ["main/1"]}
    sid = story.pages["B"].sid
    [joined] = (r for r in story.records if said(Joined, sid=sid)(r))
    second = next(r for r in story.records if at(Hop.ROUTED, "main/2")(r))
    moved = replace(joined, n=second.n - 1)
    story.change(said(Joined, sid=sid), lambda fact: moved)
    assert said_of(story, Hop.ROUTED, 1) == {}


@EACH
def test_a_page_that_asks_for_what_comes_after_events_that_it_has_not_is_told(names: tuple[str, ...]) -> None:
    story = late(names).lose("main/1", Hop.ROUTED, "B").lose("main/2", Hop.ROUTED, "B")
    story.change(
        lambda r: said(Requested, name="subscribe")(r) and r.observer == "dashboard:B.1",
        lambda fact: other(fact, args=[{**fact.body.args[0], "after": 2}]),
    )
    assert said_of(story, Hop.ROUTED, 1, 2) == {"replay-incomplete": ["main/1", "main/2"]}
    blame = told(story, 1, 2)
    assert blame.sentence == "dashboard B asked for what comes after main/1, main/2, and did not have that."
    assert blame.remedy.startswith("Let the page ask")
