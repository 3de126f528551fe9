"""Messages that pages were given under the names of events, and that hold no event as the target says it. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from harness.model import Fact
from harness.model.facts import Notice
from harness.record.evidence import Evidence
from harness.record.identity import ANY
from harness.record.remembered import remembered


@remembered
def unread(evidence: Evidence, load: str) -> Mapping[str, Sequence[Fact[Notice]]]:
    """Event name to the messages of it that hold no event; `ANY` has those of a name that carries every event."""
    own_events = evidence.contract_at(load).own_events
    names = evidence.events.names() | {*evidence.contract.declared, ANY}
    names -= {*own_events}
    found: dict[str, list[Fact[Notice]]] = defaultdict(list)
    for fact in evidence.facts(Notice):
        called = fact.body.called or fact.body.name
        if fact.observer == load and called in names and fact.body.name not in own_events:
            found[called].append(fact)
    return found
