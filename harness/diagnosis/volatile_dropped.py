"""Volatile, dropped: the server emits events that may be dropped, and they were, for the connection was busy."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from harness.diagnosis.rule import UNKNOWN_PLACE, Head, Rule, losses, lost_at, per_run
from harness.lib.amounts import amount
from harness.model import Blame, Hop, Outcome, Sighting, Strength
from harness.record.evidence import Evidence, label_of


class VolatileDropped(Rule):
    """Lost at delivered, and the server itself did not write them: volatile, while the connection took nothing."""

    head = Head(
        cause="volatile-dropped",
        title="the server emits volatile events, and drops those for which the connection is busy",
        claims=(losses(Hop.DELIVERED),),
        by=per_run,
        taps=(Hop.ROUTED, Hop.DELIVERED),
        strength=Strength.NAMED,
        against="the server wrote them to the dashboard's connection",
        remedy=(
            "Emit without `volatile` what every dashboard must get. It is for values that the next one replaces: of\n"
            "several in one turn of the event loop only the first leaves, on a connection that is idle."
        ),
    )

    def is_refuted(self, evidence: Evidence, outcome: Outcome) -> bool:
        return not _dropped(evidence, outcome)

    def explain(self, evidence: Evidence, outcomes: Sequence[Outcome]) -> Iterable[Blame]:
        mine = lost_at(outcomes, Hop.DELIVERED)
        if mine:
            routed = [each for outcome in mine for each in _dropped(evidence, outcome)]
            keys = {outcome.key for outcome in mine}
            places = dict.fromkeys(str(each.detail.get("where") or UNKNOWN_PLACE) for each in routed)
            yield self.blame(
                "the server emits them as volatile, and dropped them while the connection was busy.",
                [
                    f"{routed[0].observer}: {amount(len(keys), 'event')} resolved for dashboards and not "
                    f"written: volatile",
                    *(f"emitted at {place}" for place in list(places)[:3]),
                ],
                mine,
                places=places,
            )


def _dropped(evidence: Evidence, outcome: Outcome) -> list[Sighting]:
    """The routings of an event in which the server dropped it for the outcome's dashboard."""
    return [
        each
        for each in evidence.at(Hop.ROUTED, outcome.key)
        if any(label_of(evidence.sids.get(sid, "")) == outcome.dashboard for sid in each.detail.get("dropped") or ())
    ]


RULE = VolatileDropped()
