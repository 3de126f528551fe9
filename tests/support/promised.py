"""What a strategy promises of a run on paper."""

from __future__ import annotations

from typing import Any

from harness.judge.strategies import strategies
from harness.model import Level
from harness.record.evidence import Evidence
from harness.reporting import sentences
from tests.support.ledgers import Story

MUST, MAY, NEVER = Level.MUST, Level.MAY, Level.NEVER


def levels(story: Story, label: str, session: str = "main") -> list[Level]:
    """What a dashboard is promised of a session, event by event."""
    evidence = Evidence(story.ledger())
    expected = strategies()[evidence.contract.strategy].expectations(evidence)
    mine = {key: each for each in expected if each.dashboard == label for key in each.keys}
    return [mine[event.key].level for event in evidence.sessions[session]]


def why(story: Story, label: str, key: str) -> str:
    """Why one event is promised to a dashboard, or not."""
    evidence = Evidence(story.ledger())
    expected = strategies()[evidence.contract.strategy].expectations(evidence)
    [found] = [each for each in expected if each.dashboard == label and key in each.keys]
    return sentences.finding(found.why)


def begun(strategy: str, *labels: str, **contract: Any) -> Story:
    """Dashboards are open, and a session has begun."""
    return Story(strategy, **contract).open(*labels).start("main")
