"""Lease stuck: the lock of a producer that is gone is never released."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from harness.diagnosis.rule import Head, Rule, of, of_kind, per_outcome
from harness.model import Blame, Kind, Outcome, Strength
from harness.model.facts import Disconnected
from harness.record.evidence import OPEN, Evidence, reason_of


class LeaseStuck(Rule):
    """Stuck, and the holder's connection had ended before others were refused."""

    head = Head(
        cause="lease-stuck",
        title="the lock of a producer that is gone is never released",
        claims=(of(Kind.STUCK),),
        by=per_outcome,
        strength=Strength.NAMED,
        against="the holder's connection had not ended",
        remedy=(
            "Start a lease when the holder's connection ends, and end its session when the lease is over;\n"
            "never bind the place to a process that may die without a word."
        ),
    )

    def explain(self, evidence: Evidence, outcomes: Sequence[Outcome]) -> Iterable[Blame]:
        mine = of_kind(outcomes, Kind.STUCK)
        for outcome in mine:
            holder = next(
                (e for e in evidence.exchanges if e.name == OPEN and e.ok and e.session == outcome.finding.session),
                None,
            )
            gone = [f for f in evidence.facts(Disconnected) if holder and f.body.sid == holder.sid]
            refused = [e for e in evidence.exchanges if e.name == OPEN and e.ok is False]
            if holder is not None and gone and refused:
                yield self.blame(
                    f"session {holder.session} keeps the place although its producer is gone.",
                    [
                        f"server: {holder.sid} of {holder.session} disconnected: {reason_of(gone[0])}",
                        f"server: refused {len(refused)} openings after that, the last with {refused[-1].code!r}",
                    ],
                    [outcome],
                )


RULE = LeaseStuck()
