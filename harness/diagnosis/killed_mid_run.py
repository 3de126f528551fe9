"""Killed mid-run: a signal ended the CLI, and nobody told the dashboards."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from harness.diagnosis.rule import Head, Rule, of, per_session
from harness.model import Blame, Kind, Outcome, Strength
from harness.record.evidence import Evidence


class KilledMidRun(Rule):
    """A session without its terminal event, whose CLI was ended by a signal that did not come from the harness."""

    head = Head(
        cause="killed-mid-run",
        title="a signal ended the CLI, and nobody told the dashboards",
        claims=(of(Kind.INCOMPLETE),),
        by=per_session,
        strength=Strength.NAMED,
        against="the harness killed the CLI itself",
        remedy=(
            "Look for who killed it (memory, a supervisor, a person). Let the server end the session of a\n"
            "producer that is gone, and tell the dashboards, so that nobody waits for it."
        ),
    )

    def explain(self, evidence: Evidence, outcomes: Sequence[Outcome]) -> Iterable[Blame]:
        ends = {
            session: evidence.exits[cli]
            for session, cli in evidence.producer.items()
            if cli in evidence.exits and not evidence.exits[cli].body.killed
        }
        killed = {session: f for session, f in ends.items() if f.body.status < 0}
        for session, fact in killed.items():
            mine = [o for o in outcomes if o.kind is Kind.INCOMPLETE and o.finding.session == session]
            if mine:
                last = evidence.events_of(session)[-1:]
                yield self.blame(
                    f"signal {-fact.body.status} ended the CLI in the middle of session {session}.",
                    [
                        f"{fact.observer}: ended by signal {-fact.body.status}",
                        *(f"the last that it reported: {each.key} {each.name}" for each in last),
                    ],
                    mine,
                )


RULE = KilledMidRun()
