"""Listener twice: the page registers its handler again on each connection and keeps the former ones."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from harness.diagnosis.rule import Head, Rule, of, of_kind, per_run
from harness.model import Blame, Fact, Hop, Kind, Outcome, Strength
from harness.model.facts import PageConnected
from harness.record.evidence import Evidence, names


class ListenerTwice(Rule):
    """Twice at applied, delivered once, in a page that had connected again before."""

    head = Head(
        cause="listener-twice",
        title="the page registers its handler again on each connection and keeps the former ones",
        claims=(of(Kind.DUPLICATED, Hop.APPLIED),),
        by=per_run,
        taps=(Hop.APPLIED,),
        strength=Strength.AROUND,
        against="the page connected once, or some events are there twice in a page that did",
        remedy=(
            "Register the handlers once for the socket, not in its connect handler; or take them away (off)\n"
            "when the connection ends or the component is unmounted."
        ),
    )

    def explain(self, evidence: Evidence, outcomes: Sequence[Outcome]) -> Iterable[Blame]:
        twice = of_kind(outcomes, Kind.DUPLICATED, hop=Hop.APPLIED)
        again = [o for o in twice if len(_connected(evidence, o)) > 1]
        if again and len(again) == len(twice):
            load = _connected(evidence, again[0])[0].observer
            yield self.blame(
                "the page takes each event as often as it has connected: its handlers pile up.",
                [
                    f"{load}: connected {len(_connected(evidence, again[0]))} times",
                    f"{load}: {len(again)} events delivered once and applied more than once: "
                    f"{names(sorted({o.key or '' for o in again}))}",
                ],
                again,
            )


def _connected(evidence: Evidence, outcome: Outcome) -> list[Fact[PageConnected]]:
    """The connections of the page load that holds the event twice."""
    loads = [
        load
        for load in evidence.loads_of(outcome.dashboard)
        if evidence.counted(Hop.APPLIED, load)[outcome.event_key] > 1
    ]
    return [f for f in evidence.facts(PageConnected) if f.observer in loads]


RULE = ListenerTwice()
