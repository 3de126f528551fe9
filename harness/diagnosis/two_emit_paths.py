"""Two emit paths: two places in the CLI's code emit the same event."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from harness.diagnosis._sent_twice import places, retried
from harness.diagnosis.rule import Head, Rule, of, per_run
from harness.model import Blame, Hop, Kind, Outcome, Strength
from harness.record.evidence import Evidence


class TwoEmitPaths(Rule):
    """Twice at sent, from different places in the code."""

    head = Head(
        cause="two-emit-paths",
        title="two places in the CLI's code emit the same event",
        claims=(of(Kind.DUPLICATED, Hop.SENT),),
        by=per_run,
        taps=(Hop.SENT,),
        strength=Strength.NAMED,
        against="one place in the code sent it twice, or just what had no answer until then was sent again",
        remedy="Let one place emit, and remove the others or let them call it.",
    )

    def is_refuted(self, evidence: Evidence, outcome: Outcome) -> bool:
        return len(places(evidence.at(Hop.SENT, outcome.key))) < 2 or outcome.key in retried(evidence)

    def explain(self, evidence: Evidence, outcomes: Sequence[Outcome]) -> Iterable[Blame]:
        names = sorted({evidence.events[o.event_key].name for o in outcomes})
        where = list(dict.fromkeys(place for o in outcomes for place in places(evidence.at(Hop.SENT, o.key))))
        yield self.blame(
            f"two places in the CLI's code emit {', '.join(map(repr, names))}.",
            [f"emitted at {place}" for place in where[:5]],
            outcomes,
            remedy=f"Let one place emit: keep {where[0]}\nand remove {where[1]}, or let it call the first.",
            places=where,
        )


RULE = TwoEmitPaths()
