"""Rejection swallowed: a session or an event is turned away, and the CLI ends as if all were well."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from harness.diagnosis.rule import Head, Rule, about, per_session
from harness.model import Aspect, Blame, Kind, Outcome, Strength
from harness.record.evidence import Evidence, names


class RejectionSwallowed(Rule):
    """A CLI exited with status 0, and could have read that it was turned away, or that an event of its was."""

    head = Head(
        cause="rejection-swallowed",
        title="a session or an event is turned away, and its CLI exits with status 0 all the same",
        claims=(about(Kind.EXCLUSIVITY, Aspect.REJECTION), about(Kind.REFUSED, Aspect.EVENT_REFUSED)),
        by=per_session,
        strength=Strength.NAMED,
        against="the rejection carried no code, or the CLI exited with an error",
        remedy=(
            "Exit with a status of its own when the server turns a session or an event away: the CLI's caller\n"
            "believes otherwise that its events were shown."
        ),
    )

    def is_refuted(self, evidence: Evidence, outcome: Outcome) -> bool:
        if outcome.kind is Kind.REFUSED:
            return False
        wrong = {each.aspect for each in outcome.finding.because}
        return wrong != {Aspect.EXIT_ZERO}

    def explain(self, evidence: Evidence, outcomes: Sequence[Outcome]) -> Iterable[Blame]:
        events = [each for each in outcomes if each.kind is Kind.REFUSED]
        if events:
            yield self._of_events(evidence, events)
        rest = [each for each in outcomes if each.kind is not Kind.REFUSED]
        if not rest:
            return
        session = rest[0].finding.session or ""
        cli, code = evidence.producer.get(session, "its CLI"), evidence.rejected.get(session, "")
        yield self.blame(
            f"the CLI of session {session} was told {code!r}, and exited with status 0.",
            [f"server: rejected {session}: {code}", f"{cli}: exited with status 0"],
            rest,
        )

    def _of_events(self, evidence: Evidence, outcomes: Sequence[Outcome]) -> Blame:
        finding, keys = outcomes[0].finding, [each.event_key for each in outcomes]
        cli, said = finding.party, finding.text or "without a reason"
        return self.blame(
            f"the server said no to {names(keys)} ({said}), and the CLI exited with status 0 without a word.",
            [
                *(f"{cli}: {each.event_key} answered: {each.finding.text or 'no'}" for each in outcomes[:5]),
                f"{cli}: exited with status 0, and nothing on standard error",
            ],
            outcomes,
        )


RULE = RejectionSwallowed()
