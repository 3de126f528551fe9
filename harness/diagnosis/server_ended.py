"""Server ended: the server's process is gone in the middle of the run."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from harness.diagnosis.rule import Head, Rule, of, of_kind, per_run
from harness.model import Blame, Fact, Hop, Kind, Outcome, Strength
from harness.model.facts import HandlerError, ServerStopped
from harness.record.evidence import START, Evidence, Position, position
from harness.record.remembered import remembered


class ServerEnded(Rule):
    """A server's process ended by itself; what came after the last thing that it did is lost with it."""

    head = Head(
        cause="server-ended",
        title="the server's process is gone in the middle of the run",
        claims=(
            of(Kind.INCOMPLETE, Hop.RECEIVED),
            of(Kind.LOST, Hop.RECEIVED),
        ),
        carries=(
            of(Kind.LOST),
            of(Kind.INCOMPLETE),
            of(Kind.REFUSED),
            of(Kind.MISRENDERED),
        ),
        by=per_run,
        strength=Strength.GONE,
        against="the harness stopped the server, or events after the end reached a dashboard",
        remedy=(
            "Read the end of the server's log in the run's folder: an exception at its top, a signal, memory.\n"
            "What was on its way then is lost, unless producers send again what was not acknowledged."
        ),
    )

    def is_refuted(self, evidence: Evidence, outcome: Outcome) -> bool:
        is_lost = outcome.kind is Kind.LOST
        return not evidence.ended_servers or (is_lost and not _is_behind(evidence, outcome, _last_routed(evidence)))

    def explain(self, evidence: Evidence, outcomes: Sequence[Outcome]) -> Iterable[Blame]:
        facts, last = evidence.ended_servers, _last_routed(evidence)
        first = of_kind(outcomes, Kind.INCOMPLETE, Kind.LOST, hop=Hop.RECEIVED)
        lost = [o for o in outcomes if o.kind is Kind.LOST and _is_behind(evidence, o, last)]
        behind = of_kind(outcomes, Kind.INCOMPLETE, Kind.REFUSED, Kind.MISRENDERED)
        raised = [error for fact in facts if (error := _last_words(evidence, fact, last)) is not None]
        had = max(evidence.places, key=lambda key: evidence.places[key], default="none")
        yield self.blame(
            f"{' and '.join(map(_how, facts))} in the middle of the run.",
            [
                *(f"{fact.observer}: {_how(fact)}" for fact in facts),
                *(f"{each.observer}: {each.body.name!r}: {each.body.error} ({each.body.where})" for each in raised),
                f"the last event that the server had: {had}",
            ],
            [*lost, *behind],
            at=first,
            places=[each.body.where for each in raised],
        )


@remembered
def _last_routed(evidence: Evidence) -> Position:
    """Where the last event was routed that anybody was to get."""
    reached = (position(found[0]) for found in evidence.once[Hop.ROUTED].values() if found[0].recipients)
    return max(reached, default=START)


def _last_words(evidence: Evidence, end: Fact[ServerStopped], last: Position) -> Fact[HandlerError] | None:
    """What the last handler of a server raised that ended with an error, and routed nothing afterwards."""
    errors = [f for f in evidence.facts(HandlerError) if f.observer == end.observer and position(f) > last]
    return max(errors, key=position) if errors and (end.body.status or 0) > 0 else None


def _is_behind(evidence: Evidence, outcome: Outcome, last: Position) -> bool:
    """Whether an event was lost in front of the page, and nothing that came after it was routed to a dashboard."""
    at = evidence.routed_at(outcome.event_key)
    return outcome.hops[0] < Hop.APPLIED and (at is None or at >= last)


def _how(fact: Fact[ServerStopped]) -> str:
    status = fact.body.status or 0
    how = f"was ended by signal {-status}" if status < 0 else f"ended with status {status}"
    return f"the server's process {fact.body.process!r} {how}"


RULE = ServerEnded()
