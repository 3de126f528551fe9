"""Reserved name: an event has the name of one of Socket.IO's own, and never gets to the application's handler."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from harness.diagnosis.rule import Head, Rule, losses, per_run
from harness.lib.amounts import amount
from harness.model import Blame, Hop, Outcome, Strength
from harness.record.evidence import Evidence

RESERVED = ("connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener")
"""Of python-socketio and of Socket.IO for JavaScript (its documentation: "These events are reserved")."""


class ReservedName(Rule):
    """All events of a reserved name are lost at one hop, and events of other names passed it."""

    head = Head(
        cause="reserved-name",
        title="an event has the name of one of Socket.IO's own, and the application never gets it",
        claims=(losses(Hop.SENT, Hop.RECEIVED, Hop.ROUTED, Hop.DELIVERED, Hop.APPLIED),),
        by=per_run,
        strength=Strength.NAMED,
        against="one of that name got further, or none of another name did",
        remedy=(
            f"Call it something else, as `device-connect`: {', '.join(RESERVED)} are the library's own.\n"
            "A handler of such a name is called when a client comes or goes; catch-all handlers never are."
        ),
    )

    def is_refuted(self, evidence: Evidence, outcome: Outcome) -> bool:
        name = evidence.events[outcome.event_key].name
        if name not in RESERVED:
            return True
        passed = {evidence.events[key].name for key in _passed(evidence, outcome.hops[-1]) if key in evidence.events}
        return name in passed or not passed

    def explain(self, evidence: Evidence, outcomes: Sequence[Outcome]) -> Iterable[Blame]:
        names = sorted({evidence.events[o.event_key].name for o in outcomes})
        hop = min(o.hops[-1] for o in outcomes)
        yield self.blame(
            f"{' and '.join(map(repr, names))} {'are names' if len(names) > 1 else 'is a name'} of Socket.IO's own.",
            [
                *(
                    f"{name!r}: {len({o.key for o in outcomes if evidence.events[o.event_key].name == name})} of "
                    f"{amount(sum(event.name == name for event in evidence.events.values()), 'event')} lost, "
                    f"none {hop.label}"
                    for name in names
                ),
                f"events of other names: {len(_passed(evidence, hop))} were {hop.label}",
            ],
            outcomes,
        )


def _passed(evidence: Evidence, hop: Hop) -> set[str]:
    """The events that were seen at a hop, or after it where it is blind."""
    for each in (each for each in Hop if each >= hop and evidence.has_tap(each)):
        if each in evidence.once:
            return set(evidence.once[each])
        return {key for load in evidence.seen[each].values() for key in load}
    return set()


RULE = ReservedName()
