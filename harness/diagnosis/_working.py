"""Whether a server could be seen to be done when a run ended."""

from __future__ import annotations

from harness.model.facts import InFlight
from harness.record.evidence import Evidence


def may_work_on(evidence: Evidence) -> bool:
    """Whether the server may have had something to do when the run ended that nobody could see, as a timer."""
    looks = evidence.facts(InFlight)
    return bool(looks) and looks[-1].body.background > 0
