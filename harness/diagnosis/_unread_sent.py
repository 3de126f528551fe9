"""Messages that a CLI sent about its events, and that hold none as the target file describes them. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from harness.diagnosis._announcements import texts
from harness.model import Event, Fact, Hop
from harness.model.facts import Requested
from harness.record.evidence import Evidence
from harness.record.evidence.keys import without
from harness.record.remembered import remembered


@remembered
def unread_sent(evidence: Evidence) -> Mapping[str, Fact[Requested]]:
    """Event that was never seen sent, to the message about it.

    It is called as the event is, or has its name among its texts, and that of no other: one that lists names is about
    none. The first of such messages is the first such event's, where there are as many as events of the name.
    """
    unsent: dict[tuple[str, str], list[Event]] = defaultdict(list)
    for cli in dict.fromkeys(evidence.producer.values()):
        for event in evidence.events.of(without(evidence.keys_by(cli), evidence.once[Hop.SENT].keys())):
            unsent[cli, event.name].append(event)
    asked: dict[tuple[str, str], list[Fact[Requested]]] = defaultdict(list)
    names = evidence.events.names()
    for fact in evidence.facts(Requested) if unsent else ():
        named = {fact.body.name, *texts(fact.body.args)} & names
        if len(named) == 1 and (about := (fact.observer, *named)) in unsent:
            asked[about].append(fact)
    return {
        event.key: fact
        for about, facts in asked.items()
        if len(facts) >= len(unsent[about])
        for event, fact in zip(unsent[about], facts, strict=False)
    }
