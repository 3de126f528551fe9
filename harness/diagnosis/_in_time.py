"""The order in which all producers of a run emitted their events, as far as it was observed. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from harness.model import SERVER_SIDE
from harness.record.evidence import Evidence
from harness.record.remembered import remembered


@remembered
def as_emitted(evidence: Evidence) -> Sequence[str]:
    """The keys of all events, each where it was first seen in time; those of pages alone come last.

    The index has them producer by producer, which is the same where there is one session.
    """
    keys = [*evidence.events]
    if len(evidence.sessions) < 2:
        return keys
    at: dict[str, int] = {}
    for hop in SERVER_SIDE:
        seen = evidence.once[hop]
        at |= {key: seen[key][0].at_ns for key in keys if key not in at and key in seen}
    last = max(at.values(), default=0)
    return sorted(keys, key=lambda key: at.get(key, last + 1))
