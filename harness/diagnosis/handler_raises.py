"""Handler raises: the server's handler fails before it emits; Socket.IO keeps silent and the connection stays."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from harness.diagnosis import blame
from harness.evidence import Evidence
from harness.model import Blame, FactKind, Hop, Kind, Outcome


class HandlerRaises:
    """Lost at routed, and handlers raised."""

    name = "handler-raises"

    def explain(self, evidence: Evidence, outcomes: Sequence[Outcome]) -> Iterable[Blame]:
        errors = evidence.facts(FactKind.HANDLER_ERROR)
        routed = evidence.once[Hop.ROUTED]
        mine = [o for o in outcomes if o.kind is Kind.LOST and o.hop is Hop.ROUTED and o.key not in routed]
        if errors and mine:
            error = errors[0].data
            yield blame(
                self.name,
                f"the server's handler raised before it emitted: {error.get('error')}.",
                [
                    f"{each.observer}: {each.data.get('name')!r}: {each.data.get('error')} ({each.data.get('where')})"
                    for each in errors[:5]
                ],
                f"Mend the handler at {error.get('where')}. Socket.IO sends no acknowledgement when a handler raises\n"
                "and keeps the connection: catch what can go wrong and answer with an error.",
                mine,
            )


RULE = HandlerRaises()
