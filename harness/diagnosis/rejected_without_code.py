"""Rejected without code: a session is turned away in words that no program can read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from harness.diagnosis.rule import Head, Rule, of, per_run
from harness.model import Blame, Kind, Outcome, Strength
from harness.record.evidence import OPEN, Evidence


class RejectedWithoutCode(Rule):
    """The server refuses an opening without a code."""

    head = Head(
        cause="rejected-without-code",
        title="a session is turned away in words that no program can read",
        claims=(
            of(Kind.EXCLUSIVITY),
            of(Kind.REFUSED),
        ),
        by=per_run,
        strength=Strength.NAMED,
        against="the answer has a code",
        remedy=(
            "Answer with a code beside the words, such as session-active, and with the session that holds the\n"
            "place, so that the CLI can say so and exit with a status of its own."
        ),
    )

    def is_refuted(self, evidence: Evidence, outcome: Outcome) -> bool:
        return bool(evidence.rejected.get(outcome.finding.session or ""))

    def explain(self, evidence: Evidence, outcomes: Sequence[Outcome]) -> Iterable[Blame]:
        mine = [o for o in outcomes if o.finding.session in evidence.rejected]
        if mine:
            said = [e for e in evidence.exchanges if e.name == OPEN and e.ok is False and not e.code]
            yield self.blame(
                "the rejection carries no code: a program can't tell it from any other failure.",
                [f"server: answered {e.session} with {dict(e.result)}" for e in said[:3]],
                mine,
            )


RULE = RejectedWithoutCode()
