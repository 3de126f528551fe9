"""What is said of a page is borne out by that page: what another was told, shows or held before proves nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from harness.judge.strategies import strategies
from harness.model import LOSE, Body, Hop, PropertyResult, Standing
from harness.model.facts import ActionTaken, Notice, StatusShown, TapTried
from harness.record.evidence import Evidence
from harness.reporting import sentences
from tests.support.facts import other
from tests.support.ledgers import Story
from tests.support.paper_pages import TASK
from tests.support.records import at, said

PAGE = (Hop.DELIVERED, Hop.APPLIED, Hop.RENDERED)


def result(story: Story, prop: str) -> PropertyResult:
    [found] = [each for each in story.verdict().properties if each.prop == prop]
    return found


def lines(story: Story, prop: str) -> list[str]:
    """What a property found: kind, event, dashboard, hops and reason."""
    return [
        f"{o.kind} {o.key or '-'} {o.dashboard} {'+'.join(hop.label for hop in o.hops) or '-'}: {sentences.outcome(o)}"
        for o in result(story, prop).outcomes
        if o.prop == prop
    ]


# P8: an event in the state that was not seen delivered


def undelivered(*away: str) -> Story:
    """Page A holds main/3 and was not seen to be delivered it; the server resolved all pages but those `away`."""
    story = Story("broadcast").open("A", "B").start("main").emit("main", *TASK).end("main").settle()
    gone = {story.pages[label].sid for label in away}
    story.change(
        at(Hop.ROUTED, "main/3"), lambda r: replace(r, recipients=tuple(s for s in r.recipients if s not in gone))
    )
    return story.drop(at(Hop.DELIVERED, "main/3", "A"))


def with_a_dead_wire(story: Story, label: str = "A") -> Story:
    dead = said(TapTried, label, tap="wire", phase="after")
    return story.change(dead, lambda fact: other(fact, alive=False, why="silent"))


@pytest.mark.parametrize(
    ("story", "found"),
    [
        (
            lambda: undelivered("A"),
            "phantom main/3 A applied: in the state, never delivered and never routed there",
        ),
        (
            lambda: undelivered("B"),
            "undetermined main/3 A -: it was routed to the page and is in its state: the delivered tap missed it",
        ),
        (
            lambda: with_a_dead_wire(undelivered("A")),
            "undetermined main/3 A -: the delivered tap of dashboard:A was dead after the run (silent)",
        ),
    ],
)
def test_a_state_holding_what_was_not_delivered_is_made_up_unless_the_tap_missed_it(
    story: Callable[[], Story], found: str
) -> None:
    assert lines(story(), "P8") == [found]


# P7: whose gap, and who was told of it


def silent_gap() -> Story:
    """Page A is away, nothing is replayed to it or promised to be, and it says "Connected" all the time."""
    story = Story("broadcast", replays=False).open("A", "B").start("main").emit("main", *TASK[:2])
    story.fact(ActionTaken, "harness", name=LOSE, dashboard="A").disconnect("A")
    story.emit("main", *TASK[2:4]).connect("A").emit("main", TASK[4]).end("main")
    keep = (story.pages["B"].sid,)
    for key in ("main/3", "main/4"):
        story.change(at(Hop.ROUTED, key), lambda r: replace(r, recipients=keep))
        story.drop(*(at(hop, key, "A") for hop in PAGE))
    return story.drop(said(StatusShown, "A", connected=False))


def gap_notice(label: str) -> tuple[type[Body], str, dict[str, Any]]:
    payload = {"session": "main", "from_seq": 5}
    return Notice, f"dashboard:{label}.1", {"name": "session:gap", "payload": payload}


@pytest.mark.parametrize(
    ("label", "kind", "standing"),
    [
        ("A", "notice", Standing.PROVEN),
        ("B", "notice", Standing.VIOLATED),
        ("A", "status", Standing.PROVEN),
        ("B", "status", Standing.VIOLATED),
    ],
)
def test_a_gap_is_honest_when_the_page_that_has_it_says_so(label: str, kind: str, standing: Standing) -> None:
    story = silent_gap()
    if kind == "notice":
        notice, observer, data = gap_notice(label)
        story.fact(notice, observer, **data)
    else:
        story.fact(StatusShown, f"dashboard:{label}.1", text="Disconnected", connected=False)
    assert result(story, "P7").standing is standing


# A1: announced to this page, or known to it from before


def announced(label: str, session: str = "main") -> Any:
    return said(Notice, label, name="session:announced", payload={"session": session})


def discovered() -> Story:
    story = Story("auto-discovery").open("A", "B").start("main").emit("main", *TASK[:2])
    return story.reload("A").emit("main", *TASK[2:]).end("main").settle()


def test_a_session_that_a_page_was_never_told_of_may_have_been_lost_by_either_side() -> None:
    story = discovered().drop(announced("B"))
    assert lines(story, "A1") == [
        "lost - B routed+delivered: session main was not announced, and its events came",
    ]
    assert lines(with_a_dead_wire(story, "B"), "A1") == [
        "undetermined - B -: the delivered tap of dashboard:B was dead after the run (silent)",
    ]


def test_a_page_knows_a_session_from_its_former_loads_and_from_no_later_one() -> None:
    story = discovered()
    checks = result(story, "A1").checks
    assert checks == 2  # each dashboard once: the second load of A needs no announcement
    story.drop(lambda r: announced("A")(r) and r.observer == "dashboard:A.2")
    assert result(story, "A1").standing is Standing.PROVEN
    story = discovered().drop(lambda r: announced("A")(r) and r.observer == "dashboard:A.1")
    assert [line.split(":")[0] for line in lines(story, "A1")] == ["lost - A routed+delivered"]


# Systems whose requests are not known


def test_a_dashboard_that_was_told_what_to_show_is_owed_that_and_nothing_else() -> None:
    story = Story("subscription", asks=False).open("A", "B", "C").start("main").start("beside")
    for label, session in (("A", "main"), ("B", "beside")):
        story.fact(ActionTaken, "harness", name="choose", dashboard=label, detail=session)
        story.pages[label].sessions[session] = 0
    story.fact(ActionTaken, "harness", name="look", dashboard="C", detail="main")
    evidence = Evidence(story.emit("main", *TASK).emit("beside", *TASK).end("main").end("beside").ledger())
    owed = {
        (each.dashboard, key.split("/")[0], each.level.value)
        for each in strategies()["subscription"].expectations(evidence)
        for key in each.keys
    }
    assert owed == {
        ("A", "main", "must"), ("A", "beside", "never"),
        ("B", "main", "never"), ("B", "beside", "must"),
        ("C", "main", "never"), ("C", "beside", "never"),
    }  # fmt: skip
