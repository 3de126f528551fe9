"""Listener twice: the page registers its handler again on each connection and keeps the former ones."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from harness.diagnosis import blame, of_kind
from harness.model import Blame, Fact, FactKind, Hop, Kind, Outcome, Strength
from harness.record.evidence import Evidence, names


class ListenerTwice:
    """Twice at applied, delivered once, in a page that had connected again before."""

    name = "listener-twice"

    def explain(self, evidence: Evidence, outcomes: Sequence[Outcome]) -> Iterable[Blame]:
        twice = of_kind(outcomes, Kind.DUPLICATED, hop=Hop.APPLIED)
        again = [o for o in twice if len(_connected(evidence, o)) > 1]
        if again and len(again) == len(twice):
            load = _connected(evidence, again[0])[0].observer
            yield blame(
                self.name,
                "the page takes each event as often as it has connected: its handlers pile up.",
                [
                    f"{load}: connected {len(_connected(evidence, again[0]))} times",
                    f"{load}: {len(again)} events delivered once and applied more than once: "
                    f"{names(sorted({o.key or '' for o in again}))}",
                ],
                "Register the handlers once for the socket, not in its connect handler; or take them away (off)\n"
                "when the connection ends or the component is unmounted.",
                again,
                strength=Strength.AROUND,
            )


def _connected(evidence: Evidence, outcome: Outcome) -> list[Fact]:
    """The connections of the page load that holds the event twice."""
    loads = [
        load
        for load in evidence.loads_of(outcome.dashboard)
        if evidence.counted(Hop.APPLIED, load)[outcome.event_key] > 1
    ]
    return [f for f in evidence.facts(FactKind.PAGE_CONNECTED) if f.observer in loads]


RULE = ListenerTwice()
