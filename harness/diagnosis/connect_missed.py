"""Connect missed: the page listens to its own connecting only after it has connected."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from harness.diagnosis._connecting import missed
from harness.diagnosis._parties import dashboards, in_brackets
from harness.diagnosis.rule import Head, Rule, about, losses, per_run
from harness.model import Aspect, Blame, Hop, Kind, Outcome, Strength
from harness.record.evidence import Evidence


class ConnectMissed(Rule):
    """The page's first listener for `connect` came after its only connection, and what it does there was not done."""

    head = Head(
        cause="connect-missed",
        title="the page listens to `connect` only after it has connected, and what it does there is never done",
        claims=(losses(Hop.ROUTED), about(Kind.MISRENDERED, Aspect.STATUS)),
        by=per_run,
        taps=(Hop.DELIVERED,),
        strength=Strength.NAMED,
        against=(
            "the page had a listener for `connect` when it connected, or connected again; it asked the server for\n"
            "something, or joined a room; or it says that it is connected, and no other page asks for anything"
        ),
        remedy=(
            "Register the listener for `connect` where the socket is made, or look at `socket.connected` when it is\n"
            "registered. In a component's effect: `autoConnect: false`, and `socket.connect()` after the listeners."
        ),
    )

    def is_refuted(self, evidence: Evidence, outcome: Outcome) -> bool:
        return missed(evidence, outcome) is None

    def explain(self, evidence: Evidence, outcomes: Sequence[Outcome]) -> Iterable[Blame]:
        late = {o.label: fact for o in outcomes if (fact := missed(evidence, o)) is not None}
        first = [o for o in outcomes if o.kind is Kind.LOST] or list(outcomes)
        yield self.blame(
            f"{dashboards(late)} listened to 'connect' only when connected already: what is done there never was.",
            [
                line
                for label, fact in late.items()
                for line in (
                    f"{fact.observer}: connected, and then listened to 'connect'" + in_brackets(fact.body.where),
                    f"dashboard {label}: asked the server for nothing, and joined no room",
                )
            ],
            outcomes,
            at=first,
            places=[fact.body.where for fact in late.values()],
        )


RULE = ConnectMissed()
