"""Which events a page is known to show by its counter alone: how many those are is known, and not which."""

from __future__ import annotations

from collections.abc import Iterable

from harness.judge.rows.shown import leave_open
from harness.model import Hop, Kind, Outcome
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
    """Whether outcomes are about events of which is known how many are missing, and not which."""
    return all(Hop.RENDERED in o.hops and _is_guessed(evidence, o) for o in outcomes)


def _is_guessed(evidence: Evidence, outcome: Outcome) -> bool:
    return is_counted(evidence, outcome.label) or (outcome.kind is Kind.LOST and _is_one_of_several(evidence, outcome))


def _is_one_of_several(evidence: Evidence, outcome: Outcome) -> bool:
    """Whether an event has no row, and rows of its name that are there may be any of those."""
    event = evidence.events.get(outcome.event_key)
    return event is not None and _leave_open(evidence, outcome.label, event.name)


@remembered
def _leave_open(evidence: Evidence, label: str, name: str) -> bool:
    return leave_open(evidence, label, name)
