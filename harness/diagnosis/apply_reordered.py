"""Apply reordered: the page applies events in another order than they were delivered in."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from harness.diagnosis.rule import Head, Rule, of, of_kind, per_run
from harness.model import Blame, Cited, Hop, Kind, Outcome, Strength
from harness.record.evidence import Evidence


class ApplyReordered(Rule):
    """Reordered at applied, and delivered in order."""

    head = Head(
        cause="apply-reordered",
        title="the page applies events in another order than they were delivered in",
        claims=(of(Kind.REORDERED, Hop.APPLIED),),
        by=per_run,
        taps=(Hop.APPLIED,),
        strength=Strength.AROUND,
        against="they were delivered in that order already, or twice; or the page held one up until it was late",
        remedy=(
            "Take events in where they arrive, one after the other; where work is deferred, keep them in a queue\n"
            "(first in, first out), or sort by the session's sequence numbers."
        ),
    )

    def is_refuted(self, evidence: Evidence, outcome: Outcome) -> bool:
        return outcome.key is not None and any(
            _is_held_up(evidence, load, outcome.key) or _is_doubled(evidence, load, outcome.key)
            for load in evidence.loads_of(outcome.label)
        )

    def explain(self, evidence: Evidence, outcomes: Sequence[Outcome]) -> Iterable[Blame]:
        mine = of_kind(outcomes, Kind.REORDERED, hop=Hop.APPLIED)
        if mine:
            yield self.blame(
                "they were delivered in order, and the page applies them in another order.",
                [Cited(o.finding, f"dashboard {o.dashboard}: {o.key} ") for o in mine[:5]],
                mine,
            )


def _is_held_up(evidence: Evidence, load: str, key: str) -> bool:
    """Whether an event was taken in so long after it came that it is late by that alone; both on the page's clock."""
    came, taken = ([s.at_ns for s in evidence.on_page(hop, load).of(key)] for hop in (Hop.DELIVERED, Hop.APPLIED))
    return bool(came and taken) and min(taken) - min(came) > evidence.contract.bound_ms * 1e6


def _is_doubled(evidence: Evidence, load: str, key: str) -> bool:
    return len(evidence.on_page(Hop.DELIVERED, load).of(key)) > 1


RULE = ApplyReordered()
