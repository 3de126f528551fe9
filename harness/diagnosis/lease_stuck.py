"""Lease stuck: the lock of a producer that is gone is never released."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from harness.diagnosis.rule import Head, Rule, of, per_outcome
from harness.lib.amounts import amount
from harness.model import Blame, Fact, Kind, Outcome, Strength
from harness.model.facts import Disconnected
from harness.record.evidence import OPEN, Evidence, Exchange, reason_of


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

    def is_refuted(self, evidence: Evidence, outcome: Outcome) -> bool:
        holder = _holder(evidence, outcome)
        return holder is not None and not _gone(evidence, holder)

    def explain(self, evidence: Evidence, outcomes: Sequence[Outcome]) -> Iterable[Blame]:
        for outcome in outcomes:
            holder = _holder(evidence, outcome)
            refused = [e for e in evidence.exchanges if e.name == OPEN and e.ok is False]
            if holder is not None and refused:
                yield self.blame(
                    f"session {holder.session} keeps the place although its producer is gone.",
                    [
                        *(
                            f"server: {holder.sid} of {holder.session} disconnected: {reason_of(gone)}"
                            for gone in _gone(evidence, holder)[:1]
                        ),
                        f"server: refused {amount(len(refused), 'opening')} after that, "
                        f"the last with {refused[-1].code!r}",
                    ],
                    [outcome],
                )


def _holder(evidence: Evidence, outcome: Outcome) -> Exchange | None:
    """The opening of the session that is stuck."""
    accepted = (e for e in evidence.exchanges if e.name == OPEN and e.ok and e.session == outcome.finding.session)
    return next(accepted, None)


def _gone(evidence: Evidence, holder: Exchange) -> list[Fact[Disconnected]]:
    """The ends of a holder's connection."""
    return [fact for fact in evidence.facts(Disconnected) if fact.body.sid == holder.sid]


RULE = LeaseStuck()
