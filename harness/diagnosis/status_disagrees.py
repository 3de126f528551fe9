"""Status disagrees: a session's terminal event and its CLI's exit status disagree."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from harness.diagnosis.rule import Head, Rule, about, per_session
from harness.model import Aspect, Blame, Event, Hop, Kind, Outcome, Strength
from harness.record.evidence import Evidence


class StatusDisagrees(Rule):
    """One terminal event, last, and an exit status of the other kind."""

    head = Head(
        cause="status-disagrees",
        title="a session's terminal event and its CLI's exit status disagree",
        claims=(about(Kind.INCOMPLETE, Aspect.EXIT_STATUS),),
        by=per_session,
        strength=Strength.NAMED,
        against="the session has no end, or several, or goes on after it",
        remedy=(
            "Let the exit status follow the terminal event: what failed must not exit with 0, for scripts\n"
            "look at the status alone, and dashboards at the event alone."
        ),
    )

    def is_refuted(self, evidence: Evidence, outcome: Outcome) -> bool:
        return _end(evidence, outcome.finding.session) is None

    def explain(self, evidence: Evidence, outcomes: Sequence[Outcome]) -> Iterable[Blame]:
        session = outcomes[0].finding.session
        last, end = _end(evidence, session), evidence.exit_of(session or "")
        if last is not None and end is not None:
            yield self.blame(
                f"the session ends with {last.name!r}, and its CLI with status {end.body.status}.",
                [f"{last.key} {last.name}", f"{end.observer}: exited with status {end.body.status}"],
                outcomes,
            )


def _end(evidence: Evidence, session: str | None) -> Event | None:
    """The event that ends a session, where it has one and that comes last, of those that its CLI reported."""
    known = evidence.events_of(session)
    events = [event for event in known if event.key in evidence.once[Hop.EMITTED]] or known
    ends = [event for event in events if event.name in evidence.contract.terminal]
    return ends[0] if len(ends) == 1 and events[-1] is ends[0] else None


RULE = StatusDisagrees()
