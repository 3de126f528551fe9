"""Which events a page is known to show by its counter alone: how many those are is known, and not which."""

from __future__ import annotations

from collections.abc import Iterable

from harness.model import Hop, Outcome
from harness.record.evidence import Evidence
from harness.record.remembered import remembered

BY_COUNTER = "counter"
"""How a sighting says that the counter had reached its event, and that no row of it was seen."""


@remembered
def is_counted(evidence: Evidence, label: str) -> bool:
    """Whether all that a dashboard shows of its events is how many they are."""
    seen = [s for load in evidence.loads_of(label) for s in evidence.on_page(Hop.RENDERED, load)]
    return bool(seen) and all(s.detail.get("via") == BY_COUNTER for s in seen)


def are_guessed(evidence: Evidence, outcomes: Iterable[Outcome]) -> bool:
    """Whether outcomes are about events of which a counter says that some are missing, and not which."""
    return all(Hop.RENDERED in o.hops and is_counted(evidence, o.label) for o in outcomes)
