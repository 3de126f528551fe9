"""Announced late: dashboards are told of a session only when its events already come."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from harness.diagnosis.rule import Head, Rule, about, per_run
from harness.model import Aspect, Blame, Hop, Kind, Outcome, Strength
from harness.model.facts import Notice
from harness.record.evidence import Evidence


class AnnouncedLate(Rule):
    """A page was delivered a session's first event before the announcement of that session."""

    head = Head(
        cause="announced-late",
        title="a session is announced after its first event",
        claims=(about(Kind.REORDERED, Aspect.ANNOUNCED_LATE),),
        by=per_run,
        taps=(Hop.DELIVERED,),
        strength=Strength.NAMED,
        against="the page was told of the session before, by whatever message",
        remedy=(
            "Announce a session before its opening is acknowledged, and await that emit: what is started as a task of\n"
            "its own may come after the first event."
        ),
    )

    def is_refuted(self, evidence: Evidence, outcome: Outcome) -> bool:
        session = outcome.finding.session
        for load in evidence.loads_of(outcome.label):
            first = min((s.n for s in evidence.on_page(Hop.DELIVERED, load) if s.event.session == session), default=0)
            told = (f for f in evidence.facts(Notice) if f.observer == load and f.n < first)
            if any(isinstance(f.body.payload, Mapping) and f.body.payload.get("session") == session for f in told):
                return True
        return False

    def explain(self, evidence: Evidence, outcomes: Sequence[Outcome]) -> Iterable[Blame]:
        sessions = sorted({str(o.finding.session) for o in outcomes})
        labels = sorted({o.label for o in outcomes})
        told = len([f for f in evidence.facts(Notice) if any(o.label in f.observer for o in outcomes)])
        yield self.blame(
            f"session {', '.join(sessions[:3])} was announced after its first event.",
            [
                *(
                    f"dashboard {label}: was delivered an event of the session, and then its announcement"
                    for label in labels
                ),
                f"dashboards were told {told} notices",
            ],
            outcomes,
        )


RULE = AnnouncedLate()
