"""Pages that were connected before they listened to it, so that what they do when they connect was never done."""

from __future__ import annotations

from harness.model import Fact, Outcome
from harness.model.facts import Joined, PageConnected, PageListens, Requested
from harness.record.evidence import Evidence
from harness.record.remembered import remembered

CONNECT = "connect"


def missed(evidence: Evidence, outcome: Outcome) -> Fact[PageListens] | None:
    """The first listener for `connect` of the outcome's dashboard, where it came after its only connection.

    None where the page has asked the server for anything, or joined a room; or where neither its status nor what other
    pages ask for shows that something is done there: a listener that only notes the time may come late without harm.
    """
    fact = _late(evidence, outcome.dashboard)
    if fact is None:
        return None
    view = evidence.view(outcome.label)
    status = None if view is None else view.body.status
    says_offline = status is not None and not status.connected
    return fact if says_offline or _pages_ask(evidence) else None


@remembered
def _late(evidence: Evidence, dashboard: str | None) -> Fact[PageListens] | None:
    load = next(iter(evidence.loads_of(dashboard)[-1:]), None)
    came = [f for f in evidence.facts(PageConnected) if f.observer == load]
    added = [f for f in evidence.facts(PageListens) if f.observer == load and f.body.name == CONNECT and f.body.count]
    if load is None or len(came) != 1 or not added or added[0].n < came[0].n:
        return None
    sid = came[0].body.sid
    joined = any(f.body.sid == sid for f in evidence.facts(Joined))
    asked = any(sid == f.body.sid or f.observer == load for f in evidence.facts(Requested))
    return None if joined or asked else added[0]


@remembered
def _pages_ask(evidence: Evidence) -> bool:
    """Whether any page of the run asks the server for something."""
    return any(f.body.sid in evidence.sids or f.observer in evidence.sids.values() for f in evidence.facts(Requested))
