"""Status disagrees: what a session says of its end is not what its CLI's exit status says."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from harness.diagnosis.rule import Head, Rule, about, of_kind, per_session
from harness.model import Aspect, Blame, Hop, Kind, Outcome, Strength
from harness.record.evidence import Evidence


class StatusDisagrees(Rule):
    """One terminal event, last, and an exit status of the other kind."""

    head = Head(
        cause="status-disagrees",
        title="what a session says of its end is not what its CLI's exit status says",
        claims=(about(Kind.INCOMPLETE, Aspect.EXIT_STATUS),),
        by=per_session,
        strength=Strength.NAMED,
        against="the session has no end, or several",
        remedy=(
            "Let the exit status follow the terminal event: what failed must not exit with 0, for scripts\n"
            "look at the status alone, and dashboards at the event alone."
        ),
    )

    def explain(self, evidence: Evidence, outcomes: Sequence[Outcome]) -> Iterable[Blame]:
        for session, known in evidence.sessions.items():
            events = [event for event in known if event.key in evidence.once[Hop.EMITTED]] or known
            ends = [event for event in events if event.name in evidence.contract.terminal]
            end = evidence.exit_of(session)
            mine = [
                o
                for o in of_kind(outcomes, Kind.INCOMPLETE)
                if o.finding.session == session and o.finding.aspect is Aspect.EXIT_STATUS
            ]
            if len(ends) == 1 and events[-1] is ends[0] and end is not None and mine:
                yield self.blame(
                    f"the session ends with {ends[0].name!r}, and its CLI with status {end.body.status}.",
                    [f"{ends[0].key} {ends[0].name}", f"{end.observer}: exited with status {end.body.status}"],
                    mine,
                )


RULE = StatusDisagrees()
