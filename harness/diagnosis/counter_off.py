"""Counter off: the counter says another number than the page holds."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from harness.diagnosis.rule import Head, Rule, about, of_kind, per_dashboard
from harness.model import Aspect, Blame, Hop, Kind, Outcome, Strength
from harness.model.facts import CounterShown
from harness.record.evidence import Evidence

NUMBERS = (Aspect.COUNTER, Aspect.LIST_TOTAL)
"""Findings that the counter is part of."""


class CounterOff(Rule):
    """Misrendered, and the counter at the end differs from the number of events in the state."""

    head = Head(
        cause="counter-off",
        title="the counter says another number than the page holds",
        claims=(about(Kind.MISRENDERED, Aspect.COUNTER, Aspect.LIST_TOTAL),),
        by=per_dashboard,
        taps=(Hop.RENDERED,),
        strength=Strength.NAMED,
        against="the counter equals the events that the page holds",
        remedy=(
            "Derive the counter from the list of events where it is shown, instead of counting beside it:\n"
            "a number that is kept twice differs sooner or later."
        ),
    )

    def explain(self, evidence: Evidence, outcomes: Sequence[Outcome]) -> Iterable[Blame]:
        for label in evidence.contract.dashboards:
            view = evidence.view(label)
            held = None if view is None else view.body.state_events
            mine = [
                o for o in of_kind(outcomes, Kind.MISRENDERED) if o.dashboard == label and o.finding.aspect in NUMBERS
            ]
            if view is not None and held is not None and view.body.counter != len(held) and mine:
                changes = [f.body.value for f in evidence.facts(CounterShown, f"dashboard:{label}")]
                yield self.blame(
                    "the counter is computed from something else than the events that the page holds.",
                    [
                        f"dashboard {label}: the counter says {view.body.counter}, the state holds {len(held)}",
                        f"dashboard {label}: it said, in this order: {', '.join(map(str, changes[-8:]))}",
                    ],
                    mine,
                )


RULE = CounterOff()
