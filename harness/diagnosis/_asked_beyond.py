"""Pages that ask for what comes after an event that they have not got: what lies before it is sent by nobody."""

from __future__ import annotations

from harness.judge.strategies.watch import held_before
from harness.model import Fact, Outcome
from harness.model.facts import Requested
from harness.record.evidence import Evidence, first_object
from harness.record.remembered import remembered


@remembered
def asked_beyond(evidence: Evidence, outcome: Outcome) -> int | None:
    """The number after which the outcome's page asked for events, where its event lies before that, and was not there.

    None where it asked for its event, or was owed nothing by a request.
    """
    event = evidence.events.get(outcome.event_key)
    if event is None or event.session is None or event.seq is None or outcome.dashboard is None:
        return None
    for fact in _requests(evidence, outcome.dashboard):
        said = first_object(fact.body.args)
        after = said.get("after")
        if said.get("session") != event.session or not isinstance(after, int) or after < event.seq:
            continue
        if held_before(evidence, outcome.dashboard, event.session, after) < event.seq:
            return after
    return None


def _requests(evidence: Evidence, dashboard: str) -> list[Fact[Requested]]:
    loads = {*evidence.loads_of(dashboard)}
    return [f for f in evidence.facts(Requested) if f.observer in loads and f.body.name == "subscribe"]
