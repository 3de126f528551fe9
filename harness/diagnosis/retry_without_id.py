"""Retry without id: what was not acknowledged soon enough is sent again, and nothing says that it is the same."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from harness.diagnosis._sent_twice import places, sent_twice
from harness.diagnosis.rule import Head, Rule, of, per_run
from harness.model import Blame, Hop, Kind, Outcome, Strength
from harness.record.evidence import Evidence


class RetryWithoutId(Rule):
    """Twice at sent over one connection, from the same place in the code."""

    head = Head(
        cause="retry-without-id",
        title="what was not acknowledged soon enough is sent again, and nothing says that it is the same",
        claims=(of(Kind.DUPLICATED, Hop.SENT),),
        by=per_run,
        taps=(Hop.SENT,),
        strength=Strength.AROUND,
        against="two places in the code sent it, or two connections",
        remedy=(
            "Send an id with each event, the same one again on a retry, and let the server drop what it has;\n"
            "or wait for the acknowledgement as long as the connection lives."
        ),
    )

    def explain(self, evidence: Evidence, outcomes: Sequence[Outcome]) -> Iterable[Blame]:
        twice = [(o, seen) for o, seen in sent_twice(evidence, outcomes) if len(seen) > 1 and len(places(seen)) == 1]
        if twice:
            first = twice[0][1]
            apart_ms = min((seen[1].at_ns - seen[0].at_ns) / 1e6 for _, seen in twice)
            yield self.blame(
                "the CLI sends again what was not acknowledged in time, and nothing marks it as the same.",
                [
                    f"{first[0].observer}: {len(twice)} events sent again from the same place ({places(first)[0]})",
                    f"the second time came at least {apart_ms:.1f} ms after the first, over the same connection",
                ],
                [o for o, _ in twice],
                places=places(first),
            )


RULE = RetryWithoutId()
