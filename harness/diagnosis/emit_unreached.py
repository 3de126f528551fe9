"""Emit unreached: the CLI is connected, reports events, and never hands them to its client."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from harness.diagnosis._renamed import renamed
from harness.diagnosis._unread_sent import unread_sent
from harness.diagnosis.rule import Head, Rule, losses, lost_at, per_cli, producer_of
from harness.model import Blame, Hop, Outcome, Strength
from harness.model.facts import ClientConnected, ClientDisconnected, Requested, TapTried, UnservedEmit
from harness.record.evidence import BY_CLIENT, Evidence
from harness.record.remembered import remembered

ON_THE_WIRE = "wire proxy"
"""How the taps are called that stand between the CLI and its server."""


class EmitUnreached(Rule):
    """Lost at sent from a CLI that stayed connected: no emit of them, none that failed, none on another object."""

    head = Head(
        cause="emit-unreached",
        title="the CLI is connected, reports events, and never hands them to its client",
        claims=(losses(Hop.SENT, exact=True),),
        by=per_cli,
        taps=(Hop.SENT,),
        strength=Strength.ABSENT,
        against=(
            "an emit of it was seen: acknowledged, failed, on another object or in another shape; or the connection\n"
            "was lost, or closed while there was more to send; or only what goes over the wire is seen of the CLI"
        ),
        remedy=(
            "Follow the event from where the CLI reports it to where it is emitted: a condition, an early\n"
            "return or a handler that was never registered keeps it from getting there."
        ),
    )

    def is_refuted(self, evidence: Evidence, outcome: Outcome) -> bool:
        if outcome.event_key in renamed(evidence) or outcome.event_key in unread_sent(evidence):
            return True
        return _is_seen_by_wire_alone(evidence, producer_of(evidence, outcome))

    def explain(self, evidence: Evidence, outcomes: Sequence[Outcome]) -> Iterable[Blame]:
        lost = [o for o in lost_at(outcomes, Hop.SENT) if o.hop is Hop.SENT and o.key not in evidence.acknowledged]
        for cli in dict.fromkeys(producer_of(evidence, o) for o in lost):
            connected = [f for f in evidence.facts(ClientConnected) if f.observer == cli]
            dropped = [
                f for f in evidence.facts(ClientDisconnected) if f.observer == cli and f.body.reason != BY_CLIENT
            ]
            unserved = [f for f in evidence.facts(UnservedEmit) if f.observer == cli]
            mine = [o for o in lost if producer_of(evidence, o) == cli and not _may_be_closed(evidence, cli, o)]
            if connected and not dropped and not unserved and mine:
                missed = {o.key for o in mine}
                names = [*dict.fromkeys(each.name for each in evidence.events_by(cli) if each.key in missed)]
                asked = [f.body.name for f in evidence.facts(Requested) if f.observer == cli]
                yield self.blame(
                    "the CLI is connected, and no emit of them was ever called.",
                    [
                        f"{cli}: connected to {connected[0].body.url}, and never lost that connection",
                        f"{cli}: reported and not emitted: {', '.join(names)}",
                        f"{cli}: did send {', '.join(asked) or 'no other message'}",
                    ],
                    mine,
                    remedy=f"Follow {names[0]!r} from where the CLI reports it to where it is emitted: a condition,\n"
                    "an early return or a handler that was never registered keeps it from getting there.",
                )


@remembered
def _is_seen_by_wire_alone(evidence: Evidence, cli: str) -> bool:
    """Whether a CLI's emits are not observed: what it hands to another client, or to a server object, is not seen.

    Nor is what its client lets go unsent, as what waits when it is closed. A tap in the CLI tells the place of each
    emit beside its namespace; who stands on the wire says so of itself.
    """
    taps = [f.body.tap for f in evidence.facts(TapTried, cli) if Hop.SENT in f.body.hops]
    if any(tap.startswith(ON_THE_WIRE) for tap in taps):
        return True
    sent = [each.detail for each in evidence.flow[Hop.SENT].kinds() if each.observer == cli]
    return any("namespace" in told for told in sent) and not any(told.get("where") for told in sent)


def _may_be_closed(evidence: Evidence, cli: str, outcome: Outcome) -> bool:
    """Whether the CLI closed its connection, reported more, and sent nothing after this event.

    What was on its way when the connection was closed is lost with it: not where it had sent nothing until then, from
    its first event on.
    """
    closed = [f for f in evidence.facts(ClientDisconnected) if f.observer == cli and f.body.reason == BY_CLIENT]
    reported = evidence.at(Hop.EMITTED, outcome.event_key)
    if not closed or not reported:
        return False
    lines, last_sent = evidence.flow[Hop.EMITTED], evidence.flow[Hop.SENT].last_ns(cli)
    if last_sent is None and (lines.first_ns(cli) or 0) < closed[-1].at_ns:
        return False
    return (lines.last_ns(cli) or 0) > closed[-1].at_ns and (last_sent or 0) < reported[0].at_ns


RULE = EmitUnreached()
