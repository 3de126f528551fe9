"""A page that asks its server something for ever: what passed after its last fence is on one side's record alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

import pytest

from harness.judge.consistency.pages import exchanges
from harness.model import Aspect
from harness.model.facts import Answered, Fence, Requested
from tests.support.explained import evidence
from tests.support.ledgers import Story
from tests.support.other_systems import warehouse

LOAD = "dashboard:A.1"
Told: TypeAlias = tuple[str, type[Any], int]
"""Who tells something, what, and the id of the request that it is about."""


def contradicts(before: Sequence[Told], after: Sequence[Told] = (), is_fenced: bool = True) -> bool:
    """Whether the record contradicts itself that has this as well before and after a page's last fence is sent."""
    story = warehouse().settle()
    sid = next(iter(story.pages.values())).sid
    _tell(story, before, sid)
    story.now_ns += 2_000_000  # more than the clocks may be wrong
    if is_fenced:
        story.fact(Fence, LOAD, dashboard="A", back=True, channel="websocket", sent_ns=story.tick())
    _tell(story, after, sid)
    return any(finding.aspect is Aspect.ONE_SIDE_ONLY for finding in exchanges(evidence(story)))


def _tell(story: Story, told: Sequence[Told], sid: str) -> None:
    for observer, kind, number in told:
        name = {} if kind is Answered and observer == LOAD else {"name": "there"}
        story.fact(kind, observer, **name, id=number, sid=sid)


BOTH = [(LOAD, Requested), ("server", Requested), ("server", Answered), (LOAD, Answered)]


@pytest.mark.parametrize("side", range(len(BOTH)))
def test_what_one_side_tells_counts_unless_it_passed_after_the_last_fence(side: int) -> None:
    before = [(*each, number) for number in (8, 9) for each in BOTH]
    assert not contradicts(before)
    assert contradicts([each for each in before if each != (*BOTH[side], 9)])
    assert not contradicts(before, [(*BOTH[side], 10)])
    assert contradicts(before, [(*BOTH[side], 10)], is_fenced=False), "when the page was heard last is not known"
