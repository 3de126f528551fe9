"""Killed mid-run: a signal ended the CLI, and the dashboards were not told."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from harness.diagnosis.rule import Head, Rule, of, per_session
from harness.model import Blame, Kind, Outcome, Strength
from harness.record.evidence import Evidence


class KilledMidRun(Rule):
    """A session without its terminal event, whose CLI was ended by a signal that did not come from the harness."""

    head = Head(
        cause="killed-mid-run",
        title="a signal ended the CLI, and the dashboards were not told",
        claims=(of(Kind.INCOMPLETE),),
        by=per_session,
        strength=Strength.NAMED,
        against="the harness killed the CLI itself, or it ended by itself",
        remedy=(
            "Look for what killed it (memory, a supervisor, a person). Let the server end the session of a\n"
            "producer that is gone, and tell the dashboards, so that none waits for it."
        ),
    )

    def is_refuted(self, evidence: Evidence, outcome: Outcome) -> bool:
        end = evidence.exit_of(outcome.finding.session or "")
        return end is not None and (end.body.killed or end.body.status >= 0)

    def explain(self, evidence: Evidence, outcomes: Sequence[Outcome]) -> Iterable[Blame]:
        session = outcomes[0].finding.session or ""
        end, last = evidence.exit_of(session), evidence.events_of(session)[-1:]
        if end is not None:
            yield self.blame(
                f"signal {-end.body.status} ended the CLI in the middle of session {session}.",
                [
                    f"{end.observer}: ended by signal {-end.body.status}",
                    *(f"the last that it reported: {each.key} {each.name}" for each in last),
                ],
                outcomes,
            )


RULE = KilledMidRun()
