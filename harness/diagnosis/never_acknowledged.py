"""Never acknowledged: the server takes an event, and its producer waits for the answer in vain."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from harness.diagnosis import blame
from harness.evidence import Evidence
from harness.model import Blame, FactKind, Hop, Kind, Outcome, Strength


class NeverAcknowledged:
    """A session without its end: its last event was received, nobody answered it, and the CLI gave up by itself.

    A handler that raised has not answered either, and is a cause of its own.
    """

    name = "never-acknowledged"

    def explain(self, evidence: Evidence, outcomes: Sequence[Outcome]) -> Iterable[Blame]:
        if evidence.facts(FactKind.HANDLER_ERROR):
            return
        for session, cli in evidence.producer.items():
            end, last = evidence.exits.get(cli), [*evidence.events_of(session)][-1:]
            mine = [o for o in outcomes if o.kind is Kind.INCOMPLETE and f"session {session} " in o.detail]
            if not mine or not last or end is None or (end.data.get("status") or 0) <= 0:
                continue
            key = last[0].key
            if key not in evidence.once[Hop.RECEIVED] or key in evidence.acknowledged:
                continue
            routed = "and routed" if key in evidence.once[Hop.ROUTED] else "and not routed"
            said = [str(f.data.get("text")) for f in evidence.facts(FactKind.CLI_MESSAGE, cli)]
            yield blame(
                self.name,
                f"the server has {key} and never answers it, and the CLI gives up.",
                [
                    f"server: {key} received {routed}, and not acknowledged; {evidence.in_flight() or 0} handlers run",
                    f"{cli}: exited with status {end.data['status']}" + (f": {said[-1][:200]}" if said else ""),
                ],
                "Look at what the event's handler waits for (a lock, a database, a call that never returns), and give\n"
                "it a limit: a producer that waits for its acknowledgement stands still with it.",
                mine,
                strength=Strength.AROUND,
            )


RULE = NeverAcknowledged()
