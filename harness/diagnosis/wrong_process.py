"""Wrong process: the CLI emits on a Socket.IO server object in its own process, which serves nobody."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from harness.diagnosis.rule import UNKNOWN_PLACE, Head, Rule, losses, per_cli, producer_of
from harness.model import Blame, Fact, FactKind, Hop, Kind, Outcome, Strength
from harness.record.evidence import Evidence


class WrongProcess(Rule):
    """Lost at sent, and an emit of this very event on a server object was seen in the CLI's process."""

    head = Head(
        cause="wrong-process",
        title="the CLI emits on a Socket.IO server object in its own process, which serves nobody",
        claims=(losses(Hop.SENT),),
        by=per_cli,
        taps=(Hop.SENT,),
        strength=Strength.NAMED,
        against="the emit that was seen is that of another event",
        remedy=(
            "Emit to the server that dashboards are connected to: connect a Socket.IO client to it and await\n"
            "the acknowledgement, or use a message queue that both processes share."
        ),
    )

    def explain(self, evidence: Evidence, outcomes: Sequence[Outcome]) -> Iterable[Blame]:
        spoken: dict[str, list[Fact]] = defaultdict(list)
        for fact in evidence.facts(FactKind.UNSERVED_EMIT):
            spoken[fact.observer].append(fact)
        for cli, unserved in spoken.items():
            keys = {fact.data.get("key") for fact in unserved}
            mine = [
                o
                for o in outcomes
                if o.kind is Kind.LOST
                and o.hops[:1] == (Hop.SENT,)
                and producer_of(evidence, o) == cli
                and (o.key in keys or None in keys)  # an emit that nobody could tell apart stands for any of them
            ]
            if mine:
                yield self.blame(
                    "the CLI emits on a server object in its own process, where nobody listens.",
                    list(_lines(evidence, cli, unserved)),
                    mine,
                    places=[fact.data.get("where") for fact in unserved],
                )


def _lines(evidence: Evidence, cli: str, unserved: Sequence[Fact]) -> Iterable[str]:
    where = unserved[0].data.get("where") or UNKNOWN_PLACE
    connected = [fact for fact in evidence.facts(FactKind.CLIENT_CONNECTED) if fact.observer == cli]
    yield f"{cli}: {len(unserved)} emits on a server object that serves nobody ({where})"
    yield f"{cli}: opened {len(connected)} connections to a server"
    hop = Hop.RECEIVED if evidence.has_tap(Hop.RECEIVED) else Hop.ROUTED
    yield f"server: {hop.label} {len(evidence.once[hop])} events"


RULE = WrongProcess()
