"""What one rule makes of outcomes that a test hands it, whatever the judge would have said."""

from __future__ import annotations

from harness.diagnosis import rules
from harness.diagnosis.engine import claims
from harness.model import Blame, Finding, Hop, Kind, Outcome, stated
from harness.record.evidence import Evidence
from tests.support.causes import CAUSES
from tests.support.ledgers import Story


def paper(cause: str) -> Story:
    """The run on paper that has a cause."""
    return CAUSES[cause][1]()


def evidence(story: Story) -> Evidence:
    """Of a story so far."""
    return Evidence(story.ledger())


def explained(cause: str, story: Story, *outcomes: Outcome) -> list[Blame]:
    """What one rule makes of outcomes."""
    return list(claims(rules()[cause], evidence(story), outcomes))


def outcome(
    kind: Kind, hop: Hop, key: str | None = "main/3", label: str | None = "A", finding: Finding | str = ""
) -> Outcome:
    """A failure of one event for one dashboard, unless that is said otherwise."""
    return Outcome(kind, "P1", key, label, hop, (hop,), stated(finding) if isinstance(finding, str) else finding)
