"""Values that count up by some events and down by others: who is online, what is still open."""

from __future__ import annotations

from dataclasses import replace

import pytest

from harness.diagnosis import verdict_of
from harness.model import Aspect, Hop, Panel, Shows
from tests.support.ledgers import Story
from tests.support.records import at

PEOPLE = Panel(
    "people",
    ("came", "went"),
    shows={"online": Shows(counts=("came",), less=("went",)), "quiet": Shows(counts=("*",), less=("said",))},
)
EVENTS = ("came", "came", "said", "went", "came", "said", "said")


@pytest.mark.parametrize(
    ("online", "quiet", "wrong"),
    [
        ("2", "4", []),
        ("2 people online", "4 quiet", []),
        ("3", "4", ["online"]),  # it counts who came
        ("2", "7", ["quiet"]),
        ("", "4", ["online"]),
    ],
)
def test_a_value_counts_up_and_down(online: str, quiet: str, wrong: list[str]) -> None:
    panel = Panel(PEOPLE.name, ("*",), shows=PEOPLE.shows)
    story = Story("broadcast", panels=(panel,), declared=(), terminal=(), terminal_ok=())
    story.open("A").start("main").emit("main", *EVENTS).end("main")
    story.shows("A", panels={"people": {"session": None, "text": "", "values": {"online": online, "quiet": quiet}}})
    found = story.verdict().outcomes
    assert [o.finding.field for o in found if o.finding.aspect is Aspect.PANEL_VALUE] == wrong


def test_events_of_other_panels_count_nothing() -> None:
    story = Story("broadcast", panels=(PEOPLE,), declared=(), terminal=(), terminal_ok=())
    story.open("A").start("main").emit("main", *EVENTS).end("main")
    story.shows("A", panels={"people": {"session": None, "text": "", "values": {"online": "2", "quiet": "4"}}})
    assert verdict_of(story.ledger()).answer.value == "passed"


@pytest.mark.parametrize(("online", "wrong"), [("2", []), ("3", []), ("4", ["online"])])
def test_a_page_may_count_what_it_was_given_twice(online: str, wrong: list[str]) -> None:
    """Its state is not observed: that it came twice is what went wrong, and not what the page makes of it."""
    story = Story("broadcast", panels=(PEOPLE,), declared=(), terminal=(), terminal_ok=())
    story.open("A").start("main").emit("main", *EVENTS).end("main").double(at(Hop.DELIVERED, "main/1"))
    story.shows("A", panels={"people": {"session": None, "text": "", "values": {"online": online, "quiet": "4"}}})
    ledger = story.ledger()
    taps = tuple(hop for hop in ledger.contract.taps if hop is not Hop.APPLIED)
    sightings = tuple(each for each in ledger.sightings if each.hop is not Hop.APPLIED)
    found = verdict_of(replace(ledger, contract=replace(ledger.contract, taps=taps), sightings=sightings)).outcomes
    assert [o.finding.field for o in found if o.finding.aspect is Aspect.PANEL_VALUE] == wrong


def test_more_that_went_than_came_were_there_before() -> None:
    story = Story("broadcast", panels=(PEOPLE,), declared=(), terminal=(), terminal_ok=())
    story.open("A").start("main").emit("main", "went", "came", "went").end("main")
    story.shows("A", panels={"people": {"session": None, "text": "", "values": {"online": "3", "quiet": "3"}}})
    assert Aspect.PANEL_VALUE not in {o.finding.aspect for o in story.verdict().outcomes}
