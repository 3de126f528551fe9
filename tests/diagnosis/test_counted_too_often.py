"""Counters, rows and names that are wrong by what is known: by listeners, by a list's note, by a hop that is blind."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from harness.model import Aspect, Finding, Hop, Kind, Outcome
from harness.model.facts import PageListens
from harness.reporting import sentences
from tests.support.explained import explained, outcome
from tests.support.ledgers import Story
from tests.support.other_systems import CYCLES, EACH, STOCK, warehouse
from tests.support.records import at

System = Callable[[], Story]
BLIND = tuple(hop for hop in Hop if hop is not Hop.APPLIED)


def counter(found: int, expected: int = 7, aspect: Aspect = Aspect.COUNTER) -> Outcome:
    finding = Finding(aspect, expected=expected, found=found)
    return Outcome(Kind.MISRENDERED, "P9", None, "A", None, (Hop.APPLIED, Hop.RENDERED), finding)


def panel(found: str, expected: str) -> Outcome:
    finding = Finding(Aspect.PANEL_VALUE, panel="stock", field="moved", expected=expected, found=found)
    return Outcome(Kind.MISRENDERED, "P9", None, "A", None, (Hop.APPLIED, Hop.RENDERED), finding)


def listened(names: tuple[str, ...], **counts: int) -> Story:
    """Seven events, and how many listeners page A has for each name."""
    story = Story("broadcast", declared=(), terminal=(), panels=(), taps=BLIND).open("A", "B")
    for name in dict.fromkeys(names):
        count = counts.get(name.partition(":")[0], 1)
        story.fact(PageListens, "dashboard:A.1", socket=1, name=name, count=count, where="/app.js:16 watch")
    return story.start("main").emit("main", *names).end("main")


@pytest.mark.parametrize(("names", "found"), [(STOCK, 14), (CYCLES, 14)], ids=["stock", "cycles"])
def test_a_counter_that_is_wrong_by_its_listeners_is_theirs(names: tuple[str, ...], found: int) -> None:
    story = listened(names, **{name.partition(":")[0]: 2 for name in names})
    [blame] = explained("listener-twice", story, counter(found), panel("8", "4"), panel("3", "4"))
    assert blame.explains == (counter(found), panel("8", "4")), "too little is another bug"
    assert blame.places == ("/app.js:16 watch",)
    assert blame.evidence[-1] == (
        "dashboard A: its listeners were called 7 times more than events came, and the counter says 14 for 7"
    )
    assert explained("counter-off", story, counter(found)) == []


@pytest.mark.parametrize(("goods", "found"), [(1, 14), (2, 14), (2, 6), (1, 8)])
def test_a_counter_that_listeners_do_not_account_for_is_not_theirs(goods: int, found: int) -> None:
    story = listened(STOCK, goods=goods)
    assert explained("listener-twice", story, counter(found), panel("8", "4")) == []


@EACH
@pytest.mark.parametrize("name", ["goods:in", "cycle"])
def test_a_name_that_is_another_past_a_blind_hop_is_changed_in_the_range(system: System, name: str) -> None:
    story = system().change(at(Hop.ROUTED, "main/1"), lambda s: replace(s, event=replace(s.event, name=f"{name}!")))
    story.drop(at(Hop.RECEIVED))
    told = Outcome(
        Kind.CORRUPTED, "P5", "main/1", None, None, (Hop.RECEIVED, Hop.ROUTED),
        Finding(Aspect.NAME, expected=name, found=f"{name}!"),
    )  # fmt: skip
    [blame] = explained("name-changed", story, told)
    assert (blame.hop, blame.hops) == (None, (Hop.RECEIVED, Hop.ROUTED))
    assert sentences.line(blame.sentence) == f"'{name}' is called '{name}!' from routed on."


def noted(total: int, counts: int) -> Story:
    """A page whose list says that it is a part of so many."""
    window = {"text": f"2 of {total}", "shown": 2, "total": total}
    return warehouse().shows("A", window=window, rows=["main/6", "main/7"], counter=counts, state_events=None)


def test_a_counter_beside_a_list_that_says_how_many_there_are_is_off() -> None:
    failed = (counter(1), counter(7, 1, Aspect.LIST_TOTAL))
    [blame] = explained("counter-off", noted(7, 1), *failed)
    assert blame.explains == failed
    assert blame.evidence[0] == "dashboard A: the counter says 1, the list says that there are 7"


def test_a_note_that_is_wrong_says_nothing_of_the_counter() -> None:
    assert explained("counter-off", noted(5, 1), counter(1)) == []


@EACH
@pytest.mark.parametrize(
    ("numbers", "is_twice"),
    [((1, 1, 1, 4, 5, 6, 7), False), ((1, 1, 3, 4, 5, 6, 7), True), ((1, 1, 1, 2, 3, 4, 5, 6, 7), True)],
    ids=["in the place of several", "of one", "beside all"],
)
def test_rows_in_the_place_of_other_events_are_not_too_many(
    system: System, numbers: tuple[int, ...], is_twice: bool
) -> None:
    """As of rows with keys by their place in the list, which keep what they were drawn with first."""
    shown = [f"main/{number}" for number in numbers]
    story = system().shows("A", rows=shown, rows_numbered=True)
    twice = outcome(Kind.DUPLICATED, Hop.RENDERED, "main/1")
    assert bool(explained("row-twice", story, twice)) == is_twice


@EACH
def test_what_a_cli_reported_is_not_made_up(system: System) -> None:
    held = outcome(Kind.PHANTOM, Hop.APPLIED, "main/3")
    assert explained("made-up", system(), held) == []
    assert explained("made-up", system(), replace(held, key="main/99")) != []


def test_a_page_that_shows_what_came_otherwise_holds_an_unknown_number() -> None:
    """In messages that the target file does not describe: its counter is not compared with what it was delivered."""
    story = Story("broadcast", declared=(), terminal=(), panels=(), taps=BLIND).open("A").start("main")
    story.emit("main", *STOCK).end("main").drop(at(Hop.ROUTED), at(Hop.DELIVERED))
    found = {o.finding.aspect for o in story.verdict().outcomes if o.kind is Kind.MISRENDERED}
    assert Aspect.COUNTER not in found
