"""Apply reordered: the page takes events into its state in another order than they came."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from harness.diagnosis.rule import Head, Rule, of, of_kind, per_run
from harness.model import Blame, Cited, Hop, Kind, Outcome, Strength
from harness.record.evidence import Evidence


class ApplyReordered(Rule):
    """Reordered at applied, and delivered in order."""

    head = Head(
        cause="apply-reordered",
        title="the page takes events into its state in another order than they came",
        claims=(of(Kind.REORDERED, Hop.APPLIED),),
        by=per_run,
        taps=(Hop.APPLIED,),
        strength=Strength.AROUND,
        against="they were delivered in that order already",
        remedy=(
            "Take events in where they arrive, one after the other; where work is deferred, keep them in a queue\n"
            "(first in, first out), or sort by the session's sequence numbers."
        ),
    )

    def explain(self, evidence: Evidence, outcomes: Sequence[Outcome]) -> Iterable[Blame]:
        mine = of_kind(outcomes, Kind.REORDERED, hop=Hop.APPLIED)
        if mine:
            yield self.blame(
                "they were delivered in order, and the page takes them in in another one.",
                [Cited(o.finding, f"dashboard {o.dashboard}: {o.key} ") for o in mine[:5]],
                mine,
            )


RULE = ApplyReordered()
