"""Says connected: the page says that it is connected, and it isn't."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from harness.diagnosis import blame, of_kind
from harness.model import Blame, FactKind, Kind, Outcome
from harness.record.evidence import Evidence, reason_of


class SaysConnected:
    """The status says connected, and the server doesn't count the page as a member."""

    name = "says-connected"

    def explain(self, evidence: Evidence, outcomes: Sequence[Outcome]) -> Iterable[Blame]:
        for label in evidence.contract.dashboards:
            view = evidence.view(label)
            status = {} if view is None else view.data.get("status") or {}
            mine = [o for o in of_kind(outcomes, Kind.MISRENDERED) if o.prop == "P15" and o.dashboard == label]
            if mine and status.get("connected"):
                closed = evidence.facts(FactKind.PAGE_CLOSED, f"dashboard:{label}")
                reasons = [f"its connection ended: {reason_of(f)}" for f in closed[-2:]]
                yield blame(
                    self.name,
                    "the page goes on saying that it is connected when it is not any more.",
                    [f"dashboard {label}: {each}" for each in (*reasons, f"it says {status.get('text')!r}")],
                    "Let the status follow the socket: set it in the handlers of connect, disconnect and\n"
                    "connect_error alike, or read socket.connected where it is shown.",
                    mine,
                )


RULE = SaysConnected()
