"""How long a page stayed: what it had no time for is asked of the page that came after it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise

from harness.model.facts import Disconnected, PageLoaded
from harness.record.evidence import Evidence


def left_ns(evidence: Evidence) -> Mapping[str, int]:
    """Page load to when it was gone, in ns of the record's time, for the loads that another one followed.

    The last load of a dashboard is not among them: no later load could make up for what it did not do.
    """
    loaded = {fact.observer: fact.at_ns for fact in evidence.facts(PageLoaded)}
    closed: dict[str, int] = {}
    for fact in evidence.facts(Disconnected):
        load = evidence.sids.get(fact.body.sid)
        if load is not None:
            closed[load] = max(closed.get(load, 0), fact.at_ns)
    found: dict[str, int] = {}
    for loads in evidence.loads.values():
        for former, later in pairwise(loads):
            ends = [each[load] for each, load in ((closed, former), (loaded, later)) if load in each]
            if ends:
                found[former] = min(ends)
    return found


def had_time(evidence: Evidence, left: Mapping[str, int], load: str, since_ns: int) -> bool:
    """Whether a page stayed for the bound after a moment, or has no page after it."""
    return load not in left or (left[load] - since_ns) / 1e6 >= evidence.contract.bound_ms
