"""Whether a server could be seen to be done when a run ended, or may stand in an emit."""

from __future__ import annotations

from harness.model import Hop
from harness.model.facts import InFlight
from harness.record.evidence import Evidence
from harness.record.remembered import remembered


def may_work_on(evidence: Evidence) -> bool:
    """Whether the server may have had unobserved work left when the run ended, as a timer."""
    looks = evidence.facts(InFlight)
    return bool(looks) and looks[-1].body.background > 0


@remembered
def may_stand_in(evidence: Evidence) -> str | None:
    """The event after which the server emitted nothing, where it came to no page that it was sent to.

    What is to be emitted after it may wait for a connection that takes nothing.
    """
    routed = evidence.once[Hop.ROUTED]
    last = next((key for key in reversed(evidence.as_routed) if key in routed), None)
    if last is None or last not in evidence.once[Hop.RECEIVED] or not evidence.recipients_of(last):
        return None
    return None if any(last in seen for seen in evidence.seen[Hop.DELIVERED].values()) else last
