"""Pages that ask for what comes after an event that they have not got: what lies before it is never sent."""

from __future__ import annotations

from collections import defaultdict

from harness.judge.strategies.watch import held_before
from harness.model import Outcome
from harness.model.facts import Requested
from harness.record.evidence import Evidence, first_object, label_of
from harness.record.remembered import remembered


def asked_beyond(evidence: Evidence, outcome: Outcome) -> int | None:
    """The number after which the outcome's page asked for events, where its event lies before that, and was not there.

    None where it asked for its event, or was owed nothing by a request.
    """
    positions = _positions(evidence)
    if not positions:  # no page says what it has, as in most runs
        return None
    event, label = evidence.events.get(outcome.event_key), outcome.dashboard
    if event is None or event.session is None or event.seq is None or label is None:
        return None
    for after in positions.get((label, event.session), ()):
        if after >= event.seq and held_before(evidence, label, event.session, after) < event.seq:
            return after
    return None


@remembered
def _positions(evidence: Evidence) -> dict[tuple[str, str], list[int]]:
    """Dashboard and session to the numbers after which its pages asked for events, but for those that have none."""
    found: dict[tuple[str, str], list[int]] = defaultdict(list)
    for fact in evidence.facts(Requested):
        said = first_object(fact.body.args) if fact.body.name == "subscribe" else {}
        session, after = said.get("session"), said.get("after")
        if isinstance(session, str) and isinstance(after, int) and after > 0:
            found[label_of(fact.observer), session].append(after)
    return dict(found)
