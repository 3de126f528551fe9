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
    """The event of the last emit, where it came not to every page that this emit was for.

    What is to be emitted after it, to others or of others, may wait for a connection that takes nothing.
    """
    last = next(reversed(evidence.flow[Hop.ROUTED]), None)
    if last is None or not last.recipients or last.event.key not in evidence.once[Hop.RECEIVED]:
        return None
    key, delivered = last.event.key, evidence.seen[Hop.DELIVERED]
    loads = [evidence.sids[sid] for sid in last.recipients if sid in evidence.sids]
    came = [key in delivered.get(load, ()) for load in loads] or [any(key in seen for seen in delivered.values())]
    return None if all(came) else key
