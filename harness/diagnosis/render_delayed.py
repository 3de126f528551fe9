"""Render delayed: the page holds an event in time and shows it too late."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from harness.diagnosis.rule import Head, Rule, of, per_run
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
            "that keeps the page's thread: draw at most a frame after the state."
        ),
    )

    def is_refuted(self, evidence: Evidence, outcome: Outcome) -> bool:
        return _drawn_after(evidence, outcome) <= evidence.contract.bound_ms / 2

    def explain(self, evidence: Evidence, outcomes: Sequence[Outcome]) -> Iterable[Blame]:
        took_ms, bound_ms = max(_drawn_after(evidence, o) for o in outcomes), evidence.contract.bound_ms
        yield self.blame(
            "the page holds them in time, and draws them too late.",
            [
                f"applied to rendered took up to {took_ms:,.0f} ms in the page; "
                f"the bound from emitted to rendered is {bound_ms:,.0f} ms",
                *(Cited(o.finding, f"dashboard {o.dashboard}: {o.key} ") for o in outcomes[:3]),
            ],
            outcomes,
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
