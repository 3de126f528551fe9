"""Ingress name: the message that carries an event has a name that no handler of the server listens to."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from harness.diagnosis import blame, lost_at, producer_of
from harness.model import Blame, FactKind, Hop, Outcome
from harness.record.evidence import Evidence


class IngressName:
    """Lost at received, and the server said of its sender's message that nobody handles it."""

    name = "ingress-name"

    def explain(self, evidence: Evidence, outcomes: Sequence[Outcome]) -> Iterable[Blame]:
        facts = evidence.facts(FactKind.NO_HANDLER)
        pages = {*evidence.sids, *evidence.unclaimed}
        unheard = [f for f in facts if f.data.get("sid") not in pages]
        mine = lost_at(outcomes, Hop.RECEIVED) if unheard else []
        if mine:
            name = unheard[0].data.get("name")
            senders = sorted({producer_of(evidence, o) for o in mine})
            yield blame(
                self.name,
                f"the server has no handler for {name!r}.",
                [
                    f"{unheard[0].observer}: {len(unheard)} messages named {name!r} arrived, and nobody handles them",
                    f"sent by {', '.join(senders)}; Socket.IO answers nothing, and keeps the connection",
                ],
                f"Register a handler for {name!r} in the server, or send under the name that it listens to.\n"
                "Compare case, colons and underscores, and the namespace of both.",
                mine,
            )


RULE = IngressName()
