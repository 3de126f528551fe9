"""Emit after close: the CLI closed its own connection, and went on emitting."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from operator import attrgetter

from harness.diagnosis.rule import Head, Rule, losses, lost_at, per_cli, producer_of
from harness.lib.amounts import amount
from harness.model import Blame, Fact, Hop, Outcome, Strength
from harness.model.facts import Acknowledged, ClientConnected, ClientDisconnected
from harness.record.evidence import BY_CLIENT, Evidence

LAG_MS = 1000.0
"""A line that is read so much later than the connection ended was printed after that."""


class EmitAfterClose(Rule):
    """Lost at sent, and emitted after the CLI itself had ended its last connection: its client says so.

    Where no client tells of an emit that it can't send: reported so long after that, in the harness's own time, that
    the line was printed after it.
    """

    head = Head(
        cause="emit-after-close",
        title="the CLI closed its own connection, and went on emitting",
        claims=(losses(Hop.SENT, exact=True),),
        by=per_cli,
        taps=(Hop.SENT,),
        strength=Strength.NAMED,
        against="the CLI connected again, another party cut its connection, or the emit failed for another reason",
        remedy=(
            "Close the connection after the acknowledgement of the last event. What is emitted on a closed\n"
            "socket is dropped, or kept for a connection that never comes, and the client says nothing."
        ),
    )

    def explain(self, evidence: Evidence, outcomes: Sequence[Outcome]) -> Iterable[Blame]:
        lost = [o for o in lost_at(outcomes, Hop.SENT) if o.hop is Hop.SENT]
        for cli in dict.fromkeys(producer_of(evidence, o) for o in lost):
            closed = closed_by_itself(evidence, cli)
            if closed is None:
                continue
            told = {f.body.key for f in evidence.answers(attrgetter("failed_on_connection")) if is_after(f, closed)}
            mine = [o for o in lost if producer_of(evidence, o) == cli and _is_late(evidence, o, closed, told)]
            if mine:
                sent = sum(1 for each in evidence.flow[Hop.SENT] if each.observer == cli)
                yield self.blame(
                    "the CLI emits them on a connection that it has closed itself.",
                    [
                        f"{cli}: sent {amount(sent, 'event')}, then ended its connection itself ({BY_CLIENT}), "
                        f"and made no other",
                        f"{cli}: emitted {amount(len({o.key for o in mine}), 'event')} after that, and sent "
                        f"none of them",
                    ],
                    mine,
                    strength=Strength.NAMED if told else Strength.AROUND,
                )


def _is_late(
    evidence: Evidence, outcome: Outcome, closed: Fact[ClientDisconnected], told: Collection[str | None]
) -> bool:
    if told:
        return outcome.key in told
    return any(each.at_ns > closed.at_ns + LAG_MS * 1e6 for each in evidence.at(Hop.EMITTED, outcome.key))


def is_after(failure: Fact[Acknowledged], closed: Fact[ClientDisconnected]) -> bool:
    """Whether an emit failed after its CLI had ended its connection. What a client kept it tells of at its end."""
    return failure.observer == closed.observer and failure.n > closed.n


def closed_by_itself(evidence: Evidence, cli: str) -> Fact[ClientDisconnected] | None:
    """How a CLI ended its last connection by itself; None while it has one, or when it lost it."""
    came = [f.n for f in evidence.facts(ClientConnected) if f.observer == cli]
    last = next((f for f in reversed(evidence.facts(ClientDisconnected)) if f.observer == cli), None)
    is_closed = last is not None and last.n > max(came, default=-1)
    return last if is_closed and last is not None and last.body.reason == BY_CLIENT else None


RULE = EmitAfterClose()
