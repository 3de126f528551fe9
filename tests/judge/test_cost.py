"""What a verdict costs grows with the record, whatever went wrong: counted in calls, which no busy machine changes."""

from __future__ import annotations

import sys
from dataclasses import replace
from types import FrameType
from typing import Any

import pytest

from bench.shapes import Shape
from harness.diagnosis import diagnose
from harness.judge.judge import judge_evidence
from harness.model import Panel
from harness.model.facts import PanelShown
from harness.record.evidence import Evidence
from harness.record.ledger import Ledger
from tests.judge.test_columns_agree import stored
from tests.support.ledgers import Story

SHAPES = (
    (Shape("clean", 400), 1.1),
    (Shape("lost", 400, lost=0.05), 9.0),  # each rule that may claim a loss asks each of them: 0.04
    (Shape("doubled and reordered", 400, doubled=0.2), 7.5),
    (Shape("no ids", 400, ids=False), 9.2),
)
"""With how many calls a sighting may cost at most; a rule that looks at all sightings for each loss adds hundreds."""

MOST = 2.2
"""Twice the record costs twice as much; where something is sorted, a little more."""


@pytest.mark.parametrize(
    ("shape", "most_calls"), SHAPES, ids=lambda value: value.name if isinstance(value, Shape) else ""
)
def test_a_verdict_costs_as_much_as_its_record_is_long(shape: Shape, most_calls: float) -> None:
    _calls(replace(shape, events=50))  # what is imported or computed once
    small, large = _calls(shape), _calls(replace(shape, events=2 * shape.events))
    assert large < MOST * small
    assert large < most_calls * 2 * shape.sightings


COUNTED = {"events": ("*",)}
MOST_OF_AN_EVENT = 125
"""With so many calls at most may an event cost that changes two panels: looked at once for each look it cost 900."""
PANELS = (Panel("one", ("*",), COUNTED), Panel("other", ("*",), COUNTED))


def test_panels_that_change_with_each_event_cost_as_much_as_the_session_is_long() -> None:
    _calls_of(session(50))
    small, large = _calls_of(session(1100)), _calls_of(session(2200))
    assert large < MOST * small
    assert large < MOST_OF_AN_EVENT * 2200


def session(count: int) -> Ledger:
    """So many events, each of which changes two panels."""
    story = Story("broadcast", declared=(), panels=PANELS).open("A").start("main")
    names = ["execution:started", *["skill:completed"] * (count - 2), "execution:completed"]
    for place, name in enumerate(names, start=1):
        story.emit("main", name)
        for panel in ("one", "other"):
            shown = {"session": "main", "text": str(place), "values": {"events": str(place)}}
            story.fact(PanelShown, story.pages["A"].observer, panel=panel, **shown)
    last = {"session": "main", "text": str(count), "values": {"events": str(count)}}
    return story.shows("A", panels={"one": last, "other": last}).end("main").ledger()


def _calls(shape: Shape) -> int:
    """How many functions are called from a ledger on disk to its verdict with its causes."""
    with stored(Ledger.of(shape.contract(), shape.records())) as ledger:
        return _calls_of(ledger)


def _calls_of(ledger: Ledger) -> int:
    count = 0

    def called(frame: FrameType, event: str, argument: Any) -> None:
        nonlocal count
        count += event == "call"

    before = sys.getprofile()
    sys.setprofile(called)
    try:
        evidence = Evidence(ledger)
        diagnose(evidence, judge_evidence(evidence))
    finally:
        sys.setprofile(before)
    return count
