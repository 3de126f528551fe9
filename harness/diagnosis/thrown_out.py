"""Thrown out: the server disconnects a dashboard in the middle of a session."""

from __future__ import annotations

from collections.abc import Sequence

from harness.diagnosis._connection_ended import ConnectionEnded
from harness.diagnosis.rule import Head, losses, of, per_run
from harness.model import Aspect, Fact, Hop, Kind, Strength
from harness.model.facts import Disconnected
from harness.record.evidence import Evidence


class ThrownOut(ConnectionEnded):
    """A dashboard's last connection was ended by the server itself, and events were routed after that."""

    aspect = Aspect.DASHBOARD_DISMISSED
    head = Head(
        cause="thrown-out",
        title="the server disconnects a dashboard in the middle of a session",
        claims=(of(Kind.REFUSED, Hop.ROUTED),),
        carries=(of(Kind.MISRENDERED), losses(Hop.ROUTED)),
        by=per_run,
        strength=Strength.NAMED,
        against="the dashboard left by itself, or came back",
        remedy=(
            "Look for what calls disconnect() for a client that did nothing wrong, or closes what is under it\n"
            "(conn.close(), eio.disconnect()): a limit, a clean-up. After disconnect() a page has to call connect()."
        ),
    )

    def end(self, evidence: Evidence, label: str) -> Fact[Disconnected] | None:
        return evidence.thrown_out(label)

    def sentence(self, labels: Sequence[str]) -> str:
        return f"the server disconnects dashboard {' and '.join(labels)} in the middle of the run."


RULE = ThrownOut()
