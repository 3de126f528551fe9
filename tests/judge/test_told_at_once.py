"""What one observer tells twice in one instant: most of it can't have been seen so, some of it can."""

from __future__ import annotations

from typing import Any

import pytest

from harness.judge.consistency.parties import doubled
from harness.model import Fact
from harness.model.facts import Notice, PageError, Requested, StatusShown
from tests.support.explained import evidence
from tests.support.other_systems import warehouse

LOAD = "dashboard:A.1"


@pytest.mark.parametrize(
    ("body", "is_odd"),
    [
        (Notice("tick", {"n": 1}), False),
        (PageError("unhandled rejection: AbortError: Transition was skipped"), False),
        (Requested("there", ({"me": "A"},)), False),
        (Requested("there", ({"me": "A"},), 7), True),
        (StatusShown("Connected", connected=True), True),
    ],
)
def test_what_may_be_told_twice_in_one_instant(body: Any, is_odd: bool) -> None:
    """A page's clock is coarse: two frames of one answer, and two errors that they bring, have one time."""
    story = warehouse()
    at_ns = story.tick()
    story.records += [Fact(LOAD, 900 + number, at_ns, body) for number in range(2)]
    assert bool([*doubled(evidence(story))]) is is_odd
