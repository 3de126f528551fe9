"""Rejection swallowed: a session is turned away, and its CLI ends as if all were well."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from harness.diagnosis.rule import Head, Rule, about, per_session
from harness.model import Aspect, Blame, Kind, Outcome, Strength
from harness.record.evidence import Evidence


class RejectionSwallowed(Rule):
    """A loser's CLI exited with status 0, and its rejection had a code that it could have read."""

    head = Head(
        cause="rejection-swallowed",
        title="a session is turned away, and its CLI exits with status 0 all the same",
        claims=(about(Kind.EXCLUSIVITY, Aspect.REJECTION),),
        by=per_session,
        strength=Strength.NAMED,
        against="the rejection carried no code, or the CLI exited with an error",
        remedy=(
            "Exit with a status of its own when the server turns the session away: who started the CLI believes\n"
            "otherwise that its events were shown."
        ),
    )

    def is_refuted(self, evidence: Evidence, outcome: Outcome) -> bool:
        wrong = {each.aspect for each in outcome.finding.because}
        return wrong != {Aspect.EXIT_ZERO}

    def explain(self, evidence: Evidence, outcomes: Sequence[Outcome]) -> Iterable[Blame]:
        session = outcomes[0].finding.session or ""
        cli, code = evidence.producer.get(session, "its CLI"), evidence.rejected.get(session, "")
        yield self.blame(
            f"the CLI of session {session} was told {code!r}, and exited with status 0.",
            [f"server: rejected {session}: {code}", f"{cli}: exited with status 0"],
            outcomes,
        )


RULE = RejectionSwallowed()
