"""Wrong process: the CLI emits on a Socket.IO server object in its own process, which serves nobody."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from harness.diagnosis import blame
from harness.evidence import Evidence
from harness.model import Blame, FactKind, Hop, Kind, Outcome


class WrongProcess:
    """Lost at sent, and an emit on a server object was seen in the CLI's process."""

    name = "wrong-process"

    def explain(self, evidence: Evidence, outcomes: Sequence[Outcome]) -> Iterable[Blame]:
        unserved = evidence.facts(FactKind.UNSERVED_EMIT)
        spoken = {fact.observer for fact in unserved}
        mine = [o for o in outcomes if o.kind is Kind.LOST and o.hop is Hop.SENT and _producer(evidence, o) in spoken]
        if not mine:
            return
        where = unserved[0].data.get("where") or "an unknown place"
        connected = evidence.facts(FactKind.CLIENT_CONNECTED)
        yield blame(
            self.name,
            "the CLI emits on a server object in its own process, where nobody listens.",
            [
                f"{unserved[0].observer}: {len(unserved)} emits on a server object that serves nobody ({where})",
                f"{unserved[0].observer}: opened {len(connected)} connections to a server",
                f"server: received {len(evidence.once[Hop.RECEIVED])} events",
            ],
            "Emit to the server that dashboards are connected to: connect a Socket.IO client to it and await\n"
            "the acknowledgement, or use a message queue that both processes share.",
            mine,
        )


def _producer(evidence: Evidence, outcome: Outcome) -> str:
    event = evidence.events.get(outcome.key or "")
    return evidence.producer.get(event.session or "", "") if event is not None else ""


RULE = WrongProcess()
