"""Runs on paper in which something ended before its time, and what a property found in them."""

from __future__ import annotations

from typing import Any

from harness.model import Aspect, Finding, Hop, Kind, Outcome
from harness.model.facts import Fence
from harness.reporting import sentences
from tests.support.facts import other
from tests.support.ledgers import Story
from tests.support.records import Where, said

ENDED = {"why": "ended by itself", "process": "api", "status": 70, "running": 0}


INCOMPLETE = Outcome(
    Kind.INCOMPLETE, "P14", None, None, Hop.RECEIVED, (Hop.RECEIVED,), Finding(Aspect.SERVER_ENDED, party="api")
)


def unfenced_by(why: str) -> Finding:
    """What is said of a fence that did not come back to dashboard A."""
    return Finding(Aspect.FENCE_LOST, party="dashboard:A", text=why)


def with_data(story: Story, where: Where, **data: Any) -> Story:
    return story.change(where, lambda fact: other(fact, **data))


def unfenced(story: Story, label: str, why: str = "no connection") -> Story:
    return with_data(story.settle(), said(Fence, label), back=False, why=why)


def found(story: Story, prop: str = "P14") -> list[tuple[Kind, str | None, Hop | None, str]]:
    [result] = [each for each in story.verdict().properties if each.prop == prop]
    return [(each.kind, each.dashboard, each.hop, sentences.outcome(each)) for each in result.outcomes]
