"""Connection lost: a dashboard's connection ends in the middle of a session, and neither side says that it ended it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from harness.diagnosis._connection_ended import ConnectionEnded
from harness.diagnosis.refused import refused_again
from harness.diagnosis.rule import Head, Pattern, losses, of, per_run
from harness.model import Aspect, Fact, Hop, Kind, Outcome, Strength
from harness.model.facts import Disconnected, FrameUnread, PageClosed
from harness.record.evidence import Evidence, family, reason_of


class ConnectionLost(ConnectionEnded):
    """A dashboard's last connection was lost, and events came after that or were on their way over it."""

    aspect = Aspect.CONNECTION_LOST
    head = Head(
        cause="connection-lost",
        title="a dashboard's connection is lost in the middle of a session, and none comes after it",
        claims=(Pattern((Kind.REFUSED,), (Hop.DELIVERED,), exact=True, aspects=(Aspect.CONNECTION_LOST,)),),
        carries=(of(Kind.MISRENDERED), losses(Hop.ROUTED)),
        by=per_run,
        strength=Strength.AROUND,
        against=(
            "the server or the page ended it, a fault or a message that can't be read did, or the page came back, or\n"
            "it was not let in again"
        ),
        remedy=(
            "Let the page connect again (not `reconnection: false`), and read how both sides say that it ended:\n"
            "transport close is a line or proxy that closed it, ping timeout a side that was held up for too long."
        ),
    )

    def is_refuted(self, evidence: Evidence, outcome: Outcome) -> bool:
        party = f"dashboard:{outcome.label}"
        if refused_again(evidence, outcome.label):
            return True
        return super().is_refuted(evidence, outcome) or any(
            family(f.observer) == party for f in evidence.facts(FrameUnread)
        )

    def end(self, evidence: Evidence, label: str) -> Fact[Disconnected] | None:
        return evidence.lost_connection(label)

    def sentence(self, labels: Sequence[str]) -> str:
        return f"the connection of dashboard {' and '.join(labels)} is lost in the middle of a session, for good."

    def seen(self, evidence: Evidence, label: str) -> Iterable[str]:
        for load in evidence.loads_of(label)[-1:]:
            ends = [f for f in evidence.facts(PageClosed) if f.observer == load]
            yield from (f"{load}: its connection ended: {reason_of(each)}" for each in ends[-1:])


RULE = ConnectionLost()
