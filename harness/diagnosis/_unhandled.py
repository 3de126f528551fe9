"""Which of a CLI's events reached the server and found no handler there."""

from __future__ import annotations

from collections.abc import Mapping

from harness.model import Fact, Hop
from harness.model.facts import NoHandler, Requested
from harness.record.evidence import START, Evidence, Position, position
from harness.record.remembered import remembered

BY_MIDDLEWARE = "a middleware did not pass it on"
"""Why no handler took a message that one would have taken."""

BY_GATE = "a middleware of the namespace did not let it in"
"""Why a client was neither let in nor refused."""


@remembered
def unhandled(evidence: Evidence, why: str | None = None) -> Mapping[str, Fact[NoHandler]]:
    """Event that no handler got, for a certain reason, to the message of it. One message is one event's.

    It is called as the event; or as no event and no request is, where one name carries all events or the CLI sends them
    under another: then each message of that name must be an event's, and come after all that was sent before that one.
    """
    pages = {*evidence.sids, *evidence.unclaimed}
    told = [f for f in evidence.facts(NoHandler) if f.body.sid not in pages and f.body.why == why]
    taken = evidence.once[Hop.RECEIVED].keys() | evidence.once[Hop.ROUTED].keys()
    lost = evidence.events.keys() - taken
    if not told or not lost:
        return {}
    called = evidence.events.names() | {f.body.name for f in evidence.facts(Requested)}
    came = {s.event.key: s for s in evidence.flow[Hop.RECEIVED] if s.event.key in lost}
    excluded: set[str] = set()
    while True:
        open_ = sorted((f for f in told if f.body.name not in excluded), key=position)
        found: dict[str, Fact[NoHandler]] = {}
        for key in (key for key in evidence.events if key in lost):
            after = position(came[key]) if key in came else _sent_before(evidence, key)
            names = {evidence.events[key].name, *(f.body.name for f in open_ if f.body.name not in called)}
            fact = next((f for f in open_ if position(f) > after and f.body.name in names), None)
            if fact is not None:
                found[key] = fact
                open_.remove(fact)
        others = {fact.body.name for fact in open_} - called
        if others.isdisjoint(fact.body.name for fact in found.values()):
            return found
        excluded |= others


def _sent_before(evidence: Evidence, key: str) -> Position:
    """Where the server had the last of the events that the session has before this one; at first where it had none."""
    at = START
    for event in evidence.events_of(evidence.events[key].session):
        if event.key == key:
            break
        if event.key in evidence.places:
            at = max(at, evidence.places[event.key])
    return at
