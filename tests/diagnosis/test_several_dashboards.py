"""What befalls several dashboards in the same way is one cause, which names all of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from harness.diagnosis._parties import agreeing, dashboards
from harness.model import Hop, Kind
from harness.model.facts import Connected, Joined
from harness.reporting import sentences
from tests.support.causes_in_routing import deaf, in_rooms, subscribed
from tests.support.explained import explained, outcome
from tests.support.facts import other
from tests.support.ledgers import Story
from tests.support.other_systems import CYCLES, STOCK
from tests.support.records import at, said

NAMES = (STOCK, CYCLES)


def came_late(names: tuple[str, ...]) -> Story:
    story = Story("auto-discovery", declared=()).open("C").start("main").emit("main", *names[:2]).open("A", "B")
    return deaf(story.emit("main", *names[2:]).end("main"), "A", "B")


def away(names: tuple[str, ...]) -> Story:
    story = Story("broadcast", declared=()).open("A", "B", "C").start("main").emit("main", *names[:2])
    story.disconnect("A").disconnect("B").emit("main", *names[2:4]).connect("A").connect("B")
    story.emit("main", *names[4:]).end("main")
    return story.lose("main/3", Hop.ROUTED, "A").lose("main/3", Hop.ROUTED, "B")


def forgetful(names: tuple[str, ...]) -> Story:
    story = in_rooms(subscribed("A", "B").emit("main", *names[:2]), "main")
    story.disconnect("A").disconnect("B").connect("A").connect("B").emit("main", *names[2:]).end("main")
    for number in range(3, 8):
        story.lose(f"main/{number}", Hop.ROUTED, "A").lose(f"main/{number}", Hop.ROUTED, "B")
    return story


def whole(names: tuple[str, ...]) -> Story:
    return Story("broadcast", declared=()).open("A", "B").start("main").emit("main", *names).end("main")


def slow(names: tuple[str, ...]) -> Story:
    story = whole(names)
    for key in ("main/6", "main/7"):
        story.lose(key, Hop.DELIVERED, "A").lose(key, Hop.DELIVERED, "B")
    return story.change(at(Hop.DELIVERED), lambda s: replace(s, at_ns=s.at_ns + 1_000_000_000))


def upgraded(names: tuple[str, ...]) -> Story:
    story = whole(names)
    for label in ("A", "B"):
        story.lose("main/3", Hop.DELIVERED, label).lose("main/4", Hop.DELIVERED, label)
        for key in ("main/1", "main/2"):
            story.change(at(Hop.DELIVERED, key, label), lambda s: replace(s, detail={"transport": "polling"}))
        story.change(said(Connected, sid=story.pages[label].sid), lambda f: other(f, transport="polling"))
    return story


def left_out(names: tuple[str, ...]) -> Story:
    story = Story("broadcast", declared=()).open("A", "B", "C").start("main")
    for page in story.pages.values():
        story.fact(Joined, "server", sid=page.sid, room="main")
    story.emit("main", *names).end("main")
    return story.lose("main/4", Hop.ROUTED, "A").lose("main/4", Hop.ROUTED, "B")


@pytest.mark.parametrize("names", NAMES, ids=["warehouse", "floor"])
@pytest.mark.parametrize(
    ("cause", "system", "hop", "numbers", "sentence"),
    [
        ("late-join-stale", came_late, Hop.ROUTED, (4,), "connected while main was active, and were not told of it."),
        (
            "gap-no-replay",
            away,
            Hop.DELIVERED,
            (3,),
            "were away for a moment, and what they missed was never replayed.",
        ),
        ("no-resubscribe", forgetful, Hop.ROUTED, (5,), "came back and did not subscribe again."),
        ("slow-consumer-drop", slow, Hop.DELIVERED, (6, 7), "was full, and the server dropped what did not fit."),
        ("left-out", left_out, Hop.ROUTED, (4,), "are in the room, and the server leaves them out."),
    ],
    ids=["late", "away", "forgetful", "slow", "left out"],
)
def test_what_befalls_two_dashboards_is_one_cause(
    names: tuple[str, ...], cause: str, system: Callable[..., Story], hop: Hop, numbers: tuple[int, ...], sentence: str
) -> None:
    mine = [outcome(Kind.LOST, hop, f"main/{number}", label) for label in ("A", "B") for number in numbers]
    [blame] = explained(cause, system(names), *mine)
    assert [*blame.explains] == mine
    assert sentences.line(blame.sentence).endswith(f"dashboards A and B {sentence}")
    of_b = mine[len(numbers) :]
    [single] = explained(cause, system(names), *of_b)
    assert [*single.explains] == of_b and "dashboard B " in sentences.line(single.sentence)


@pytest.mark.parametrize("names", NAMES, ids=["warehouse", "floor"])
def test_two_dashboards_that_upgrade_lose_by_one_cause(names: tuple[str, ...]) -> None:
    mine = [outcome(Kind.LOST, Hop.DELIVERED, f"main/{n}", label) for label in ("A", "B") for n in (3, 4)]
    [blame] = explained("upgrade-drop", upgraded(names), *mine)
    assert [*blame.explains] == mine
    assert sentences.line(blame.sentence).startswith("dashboards A and B changed from polling to websocket")


def test_a_list_of_dashboards_reads_as_a_person_says_it() -> None:
    assert [dashboards(x) for x in ("A", "AB", "ABC")] == ["dashboard A", "dashboards A and B", "dashboards A, B and C"]
    assert agreeing("A", "is", "are") == "is" and agreeing("AB", "is", "are") == "are"
