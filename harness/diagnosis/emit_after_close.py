"""Emit after close: the CLI closed its own connection, and went on emitting."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from harness.diagnosis.rule import Head, Rule, losses, lost_at, per_cli, producer_of
from harness.model import Blame, Fact, Hop, Outcome, Strength
from harness.model.facts import ClientConnected, ClientDisconnected
from harness.record.evidence import Evidence

BY_ITSELF = "client disconnect"


class EmitAfterClose(Rule):
    """Lost at sent, and reported after the CLI itself had ended its last connection.

    Both are told in the harness's own time: the line when it was read, the end of the connection when it was seen.
    """

    head = Head(
        cause="emit-after-close",
        title="the CLI closed its own connection, and went on emitting",
        claims=(losses(Hop.SENT, exact=True),),
        by=per_cli,
        taps=(Hop.SENT,),
        strength=Strength.AROUND,
        against="the CLI connected again, or its connection was cut by another party",
        remedy=(
            "Close the connection after the acknowledgement of the last event. What is emitted on a closed\n"
            "socket is kept for a connection that never comes, and the client says nothing."
        ),
    )

    def explain(self, evidence: Evidence, outcomes: Sequence[Outcome]) -> Iterable[Blame]:
        lost = [o for o in lost_at(outcomes, Hop.SENT) if o.hop is Hop.SENT]
        for cli in dict.fromkeys(producer_of(evidence, o) for o in lost):
            closed = _closed(evidence, cli)
            mine = [
                o
                for o in lost
                if closed is not None
                and producer_of(evidence, o) == cli
                and any(each.at_ns > closed.at_ns for each in evidence.at(Hop.EMITTED, o.key))
            ]
            if mine:
                sent = sum(1 for each in evidence.flow[Hop.SENT] if each.observer == cli)
                yield self.blame(
                    "the CLI emits them on a connection that it has closed itself.",
                    [
                        f"{cli}: sent {sent} events, then ended its connection itself ({BY_ITSELF}), and made no other",
                        f"{cli}: reported {len({o.key for o in mine})} events after that, and sent none of them",
                    ],
                    mine,
                )


def _closed(evidence: Evidence, cli: str) -> Fact[ClientDisconnected] | None:
    """How a CLI ended its last connection by itself; None while it has one, or when it lost it."""
    came = [f.n for f in evidence.facts(ClientConnected) if f.observer == cli]
    last = next((f for f in reversed(evidence.facts(ClientDisconnected)) if f.observer == cli), None)
    is_closed = last is not None and last.n > max(came, default=-1)
    return last if is_closed and last is not None and last.body.reason == BY_ITSELF else None


RULE = EmitAfterClose()
