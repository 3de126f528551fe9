"""Values that count up by some events and down by others: who is online, what is still open."""

from __future__ import annotations

import pytest

from harness.diagnosis import verdict_of
from harness.model import Aspect, Panel, Shows
from tests.support.ledgers import Story

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
