"""What is lost for its name, and what only looks like it: no-reducer-case and last-of-batch."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import pytest

from harness.model import Hop, Kind
from harness.model.facts import PageListens
from harness.reporting import sentences
from tests.support.explained import explained, outcome
from tests.support.ledgers import Story
from tests.support.records import at
from tests.support.saying import saying

NAMES = ("opened", "placed", "placed", "paid", "served", "served", "paid", "closed")


def causes(lost: tuple[int, ...], is_offered: bool, sequence: tuple[str, ...] = NAMES) -> set[str]:
    """What is said where pages lack the events of these numbers, and offer their state or do not."""
    taps = tuple(hop for hop in Hop if is_offered or hop is not Hop.APPLIED)
    story = Story("broadcast", declared=(), terminal=(), panels=(), taps=taps).open("A", "B")
    story.start("main").emit("main", *sequence).end("main")
    if not is_offered:
        story.drop(at(Hop.APPLIED))
    for number in lost:
        story.lose(f"main/{number}", Hop.APPLIED)
    return {blame.cause for blame in story.verdict().blame}


@pytest.mark.parametrize(
    ("lost", "is_named"),
    [
        ((2, 3), True),
        ((5, 6), True),
        ((8,), True),
        ((2, 3, 5, 6), True),
        ((2, 3, 4), False),
        ((8, 4), False),
        ((6, 7, 8), False),
        ((7, 8), False),
        ((1, 2, 3, 4, 5, 6, 7), False),
        ((1, 2, 3), False),
    ],
    ids=[
        "all of a name", "another name", "the only one", "two names", "another one, too", "only this one, and another",
        "all from one on", "the last two",
        "all but the last", "all up to one",
    ],
)  # fmt: skip
@pytest.mark.parametrize("is_offered", [True, False], ids=["state", "no state"])
def test_a_name_is_blamed_where_only_names_are_lost(lost: tuple[int, ...], is_named: bool, is_offered: bool) -> None:
    assert ("no-reducer-case" in causes(lost, is_offered)) is is_named


@pytest.mark.parametrize("is_offered", [True, False], ids=["state", "no state"])
def test_where_most_is_lost_also_of_names_that_the_page_knows_it_is_not_about_names(is_offered: bool) -> None:
    """The last of each batch alone is taken in: of some names none is."""
    sequence = ("opened", "placed", "placed", "placed", "paid", "served", "paid", "closed")
    assert "no-reducer-case" not in causes((2, 3, 4, 5, 6), is_offered, sequence)
    assert "no-reducer-case" in causes((2, 3, 4), is_offered, sequence)


@pytest.mark.parametrize("is_offered", [True, False], ids=["state", "no state"])
def test_most_of_what_came_is_not_lost_for_several_names_at_once(is_offered: bool) -> None:
    sequence = ("opened", "placed", "placed", "placed", "served", "served", "paid", "closed")
    assert "no-reducer-case" not in causes((2, 3, 4, 5, 6), is_offered, sequence)
    assert "no-reducer-case" in causes((5, 6), is_offered, sequence)


def test_a_name_that_is_applied_once_is_not_last_of_batch() -> None:
    sequence = ("opened", "placed", "placed", "placed", "placed", "paid", "placed", "placed", "closed")
    assert "last-of-batch" not in causes((3, 4, 5, 7, 8), True, sequence)
    assert "last-of-batch" in causes((2, 3, 4), True, sequence), "the newest of the name is there"
    once = ("opened", "placed", "paid", "placed", "placed", "placed", "closed")
    assert "last-of-batch" in causes((4, 5, 6), True, once), "one run of a name says nothing"
    assert "last-of-batch" not in causes((3, 4, 5), True, (*sequence[:6], "closed")), "it may take the first of them"


@pytest.mark.parametrize("is_offered", [True, False], ids=["state", "no state"])
@pytest.mark.parametrize(("data", "is_named"), [("the same", False), ("other", True)])
def test_what_says_the_same_as_the_event_before_it_may_be_lost_for_that(
    is_offered: bool, data: str, is_named: bool
) -> None:
    taps = tuple(hop for hop in Hop if is_offered or hop is not Hop.APPLIED)
    story = Story("broadcast", declared=(), terminal=(), panels=(), taps=taps).open("A", "B")
    story.start("main").emit("main", *NAMES).end("main")
    for hop in Hop:
        for number in range(1, len(NAMES) + 1):
            says = {"n": 7 if number == 8 and data == "the same" else number}
            story.change(at(hop, f"main/{number}"), partial(saying, said={hop: says}))
    if not is_offered:
        story.drop(at(Hop.APPLIED))
    said = {each.cause: each for each in story.lose("main/8", Hop.APPLIED).verdict().blame}
    assert ("no-reducer-case" in said) is is_named
    if not is_named:
        lines = sentences.evidence(said["unexplained"])
        assert "it has the same data as the event before it, and no other has" in lines


def behind(waits: tuple[int, ...], gap_ms: float, listens: bool = False) -> Story:
    """Pages that draw some events only when the next one has come, and the last not at all."""
    taps = tuple(hop for hop in Hop if hop is not Hop.APPLIED)
    story = Story("broadcast", declared=(), terminal=(), panels=(), taps=taps).open("A", "B").start("main")
    for name in NAMES:
        story.emit("main", name).wait(gap_ms)
    story.end("main").drop(at(Hop.APPLIED)).lose(f"main/{len(NAMES)}", Hop.APPLIED)
    for label in "AB":
        for number in waits:
            [came] = [r.at_ns for r in story.records if at(Hop.DELIVERED, f"main/{number + 1}", label)(r)]
            story.change(at(Hop.RENDERED, f"main/{number}", label), partial(replace, at_ns=came + 1_000_000))
        for name in NAMES if listens else ():
            story.fact(PageListens, f"dashboard:{label}.1", socket=1, name=name, count=1)
    return story


@pytest.mark.parametrize(
    ("waits", "gap_ms", "is_named"),
    [((1, 2, 3, 4, 5, 6, 7), 40, False), ((1, 3, 5, 7), 40, False), ((1,), 40, True), ((1, 2, 3, 4, 5, 6, 7), 0, True)],
    ids=["all wait", "every other one", "one by chance", "a burst"],
)
def test_a_page_that_is_one_event_behind_does_not_lose_the_last_for_its_name(
    waits: tuple[int, ...], gap_ms: float, is_named: bool
) -> None:
    """A view that is not told of a change, or a list that is asked for before it is saved."""
    [blame] = behind(waits, gap_ms).verdict().blame
    assert blame.cause == ("no-reducer-case" if is_named else "unexplained")
    assert any("only when another had come" in str(line) for line in blame.evidence) is not is_named


def test_the_last_event_of_all_is_not_lost_for_a_name_that_its_page_listens_to() -> None:
    assert [blame.cause for blame in behind((), 40, listens=True).verdict().blame] == ["unexplained"]


@pytest.mark.parametrize(
    ("carriers", "listens", "is_named"),
    [
        ({name: f"order:{name}" for name in NAMES}, tuple(f"order:{name}" for name in NAMES), False),
        ({name: f"order:{name}" for name in NAMES}, tuple(f"order:{name}" for name in NAMES[:-1]), True),
        (dict.fromkeys(NAMES, "frame"), ("frame",), True),
    ],
    ids=["names of their own", "all but its own", "one for all"],
)
def test_a_page_knows_a_name_by_the_message_that_brings_it_alone(
    carriers: dict[str, str], listens: tuple[str, ...], is_named: bool
) -> None:
    story = behind((), 40)
    for label in "AB":
        for name in listens:
            story.fact(PageListens, f"dashboard:{label}.1", socket=1, name=name, count=1)
    story.change(at(Hop.DELIVERED), lambda s: replace(s, detail={**s.detail, "carrier": carriers[s.event.name]}))
    assert ("no-reducer-case" in {blame.cause for blame in story.verdict().blame}) is is_named


@pytest.mark.parametrize(("rows", "is_named"), [((), True), (("None",), True), (("None", "None"), False)])
def test_a_page_that_has_a_row_for_each_knows_the_name(rows: tuple[str, ...], is_named: bool) -> None:
    """Nothing can be read in them, and nothing tells which event a row is of."""
    taps = tuple(hop for hop in Hop if hop is not Hop.APPLIED)
    story = Story("broadcast", declared=(), terminal=(), panels=(), taps=taps).open("A", "B")
    story.start("main").emit("main", *NAMES).end("main").drop(at(Hop.APPLIED))
    for number in (2, 3):
        story.lose(f"main/{number}", Hop.APPLIED)
    shown = [f"main/{number}" for number in (1, 4, 5, 6, 7, 8)]
    for label in "AB":
        story.shows(label, rows=[*shown[:1], *rows, *shown[1:]])
    in_page = replace(outcome(Kind.LOST, Hop.APPLIED, "", ""), hop=None, hops=(Hop.APPLIED, Hop.RENDERED))
    lost = [replace(in_page, key=f"main/{number}", dashboard=label) for number in (2, 3) for label in "AB"]
    assert bool(explained("no-reducer-case", story, *lost)) is is_named


@pytest.mark.parametrize(
    ("first_ms", "then_ms", "is_named"),
    [(20, 40, False), (20, 10, True), (150, 200, True)],
    ids=["as no two that were taken", "others came closer", "it came alone"],
)
def test_one_event_before_another_that_comes_at_once_may_be_lost_for_that(
    first_ms: float, then_ms: float, is_named: bool
) -> None:
    """The page may take the newest of what comes together."""
    story = Story("broadcast", declared=(), terminal=(), panels=()).open("A", "B").start("main")
    for number, name in enumerate(NAMES):
        story.emit("main", name).wait(then_ms if number else first_ms)
    story.end("main").lose("main/1", Hop.APPLIED)
    assert [blame.cause for blame in story.verdict().blame] == ["no-reducer-case" if is_named else "unexplained"]
