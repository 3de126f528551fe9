"""Render delayed: the page holds an event in time and shows it too late."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from harness.diagnosis.rule import Head, Rule, of, of_kind, per_run
from harness.model import Blame, Cited, Hop, Kind, Outcome, Strength
from harness.record.evidence import Evidence


class RenderDelayed(Rule):
    """Late at rendered, and most of the time went by between applied and rendered, on the page's own clock."""

    head = Head(
        cause="render-delayed",
        title="the page holds an event in time and shows it too late",
        claims=(of(Kind.LATE, Hop.RENDERED),),
        by=per_run,
        taps=(
            Hop.APPLIED,
            Hop.RENDERED,
        ),
        strength=Strength.AROUND,
        against="most of the time passed before the page held it",
        remedy=(
            "Look for a debounce that every event starts anew, for timers in the way of drawing, and for work\n"
            "that keeps the page's thread: draw at most a frame behind the state."
        ),
    )

    def explain(self, evidence: Evidence, outcomes: Sequence[Outcome]) -> Iterable[Blame]:
        late = of_kind(outcomes, Kind.LATE, hop=Hop.RENDERED)
        bound_ms = evidence.contract.bound_ms
        took = {(o.key, o.dashboard): took_ms for o in late if (took_ms := _drawn_after(evidence, o)) > bound_ms / 2}
        mine = [o for o in late if (o.key, o.dashboard) in took]
        if mine:
            yield self.blame(
                "the page holds them in time, and draws them too late.",
                [
                    f"applied to rendered took up to {max(took.values()):,.0f} ms in the page; "
                    f"the bound from emitted to rendered is {bound_ms:,.0f} ms",
                    *(Cited(o.finding, f"dashboard {o.dashboard}: {o.key} ") for o in mine[:3]),
                ],
                mine,
            )


def _drawn_after(evidence: Evidence, outcome: Outcome) -> float:
    """Milliseconds from applied to rendered in one load of the page; 0 where one of them was not seen."""
    for load in evidence.loads_of(outcome.dashboard):
        at = [
            next((s.at_ns for s in evidence.on_page(hop, load).of(outcome.key)), None)
            for hop in (Hop.APPLIED, Hop.RENDERED)
        ]
        if at[0] is not None and at[1] is not None:
            return (at[1] - at[0]) / 1e6
    return 0.0


RULE = RenderDelayed()
