"""Exit before acknowledgement: the CLI disconnects right behind its last emit, and the tail never arrives."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from harness.diagnosis import blame
from harness.evidence import Evidence
from harness.model import Blame, Hop, Kind, Outcome


class ExitBeforeAck:
    """Lost at received, never acknowledged, and the CLI ended as if all were well."""

    name = "exit-before-ack"

    def explain(self, evidence: Evidence, outcomes: Sequence[Outcome]) -> Iterable[Blame]:
        mine = [
            o
            for o in outcomes
            if o.kind is Kind.LOST
            and o.hop is Hop.RECEIVED
            and o.key in evidence.events
            and o.key not in evidence.acknowledged
        ]
        clis = {evidence.producer.get(evidence.events[o.key or ""].session or "", "") for o in mine}
        if mine and all(cli in evidence.exits and evidence.exits[cli].data.get("status") == 0 for cli in clis):
            keys = sorted({o.key or "" for o in mine})
            yield blame(
                self.name,
                "the CLI left before the server had acknowledged what it sent.",
                [
                    f"sent and never acknowledged: {', '.join(keys[:5])}",
                    f"{', '.join(sorted(clis))} exited with status 0",
                ],
                "Await the acknowledgement of every event (call() or a callback) before disconnecting,\n"
                "and exit with an error when it doesn't come.",
                mine,
            )


RULE = ExitBeforeAck()
