"""Which failures say that a dashboard was never answered, and who asked for no answer."""

from __future__ import annotations

from collections.abc import Sequence, Set

from harness.diagnosis.rule import of_kind
from harness.model import Hop, Kind, Outcome
from harness.record.evidence import Evidence, Exchange, label_of
from harness.record.remembered import remembered


def unheard(evidence: Evidence, outcomes: Sequence[Outcome], asked: Exchange) -> list[Outcome]:
    """The failures that say so of one request, which is one of `Evidence.unheard`."""
    label = label_of(evidence.sids[asked.sid])
    refused = of_kind(outcomes, Kind.REFUSED, hop=Hop.RECEIVED)
    return [o for o in refused if o.dashboard == label and o.finding.session == asked.session]


def is_unasked(evidence: Evidence, key: str) -> bool:
    """Whether an event came in messages that asked for no acknowledgement: its sender waits for none."""
    return key in all_unasked(evidence)


@remembered
def all_unasked(evidence: Evidence) -> Set[str]:
    """All such events."""
    maybe = {each.event.key for each in evidence.flow[Hop.RECEIVED].having("unasked")}
    came = {key: evidence.at(Hop.RECEIVED, key) for key in maybe}
    return {key for key, each in came.items() if each and all(s.detail.get("unasked") is True for s in each)}
