"""Status disagrees: a session's terminal event and its CLI's exit status disagree."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from harness.diagnosis._noticed import may_know_of_unsent
from harness.diagnosis.rule import Head, Rule, about, losses, of_kind, per_session
from harness.judge.properties.refusals import refused_over
from harness.model import SERVER_SIDE, Aspect, Blame, Cited, Event, Hop, Kind, Outcome, Strength
from harness.record.evidence import Evidence

UNSENT = (
    "Look for what ends the CLI between the report of its last event and its sending: an error, an early exit. Let\n"
    "it report an event where it is sent, and wait for the acknowledgement of the last one."
)
"""What mends it where the terminal event itself was never sent."""


class StatusDisagrees(Rule):
    """One terminal event, last, and an exit status of the other kind."""

    head = Head(
        cause="status-disagrees",
        title="a session's terminal event and its CLI's exit status disagree",
        claims=(about(Kind.INCOMPLETE, Aspect.EXIT_STATUS),),
        carries=(losses(Hop.SENT, exact=True),),
        by=per_session,
        strength=Strength.NAMED,
        against=(
            "the session has no end, or several, or goes on after it; or its CLI failed, and one of its events was\n"
            "refused, or some were never sent and it may have known so (it was told an error, or says one): the\n"
            "status follows from that"
        ),
        remedy=(
            "Let the exit status follow the terminal event: what failed must not exit with 0, for scripts\n"
            "look at the status alone, and dashboards at the event alone."
        ),
    )

    def is_refuted(self, evidence: Evidence, outcome: Outcome) -> bool:
        return _end(evidence, outcome.finding.session) is None or refused_over(evidence, outcome.finding) is not None

    def are_refuted(self, evidence: Evidence, outcomes: Sequence[Outcome]) -> bool:
        end = evidence.exit_of(_session(outcomes))
        is_failure = end is not None and end.body.status > 0  # by a signal it did not end over them
        is_lossy = is_failure and any(outcome.kind is Kind.LOST for outcome in outcomes)
        return is_lossy and end is not None and may_know_of_unsent(evidence, end.observer)

    def explain(self, evidence: Evidence, outcomes: Sequence[Outcome]) -> Iterable[Blame]:
        session = _session(outcomes)
        last, end = _end(evidence, session), evidence.exit_of(session)
        if last is None or end is None:
            return
        is_unsent = end.body.status != 0 and _is_never_sent(evidence, last)
        yield self.blame(
            f"the CLI reports {last.name!r} and never sent it."
            if is_unsent
            else Cited(of_kind(outcomes, Kind.INCOMPLETE)[0].finding, "", "."),  # the promise says it all
            [
                f"{last.key} {last.name}" + (": reported, and not seen on its way to the server" if is_unsent else ""),
                f"{end.observer}: exited with status {end.body.status}",
            ],
            of_kind(outcomes, Kind.INCOMPLETE),
            remedy=UNSENT if is_unsent else None,
        )


def _is_never_sent(evidence: Evidence, event: Event) -> bool:
    """Whether an event left no trace after its CLI had reported it, where that would have been seen."""
    return evidence.has_tap(Hop.SENT) and not any(
        event.key in evidence.once[hop] for hop in SERVER_SIDE if hop > Hop.EMITTED
    )


def _session(outcomes: Sequence[Outcome]) -> str:
    return next((o.finding.session for o in outcomes if o.kind is Kind.INCOMPLETE), None) or ""


def _end(evidence: Evidence, session: str | None) -> Event | None:
    """The event that ends a session, where it has one and that comes last, of those that its CLI reported."""
    known = evidence.events_of(session)
    events = [event for event in known if event.key in evidence.once[Hop.EMITTED]] or known
    ends = [event for event in events if event.name in evidence.contract.terminal]
    return ends[0] if len(ends) == 1 and events[-1] is ends[0] else None


RULE = StatusDisagrees()
