"""Server ended: the server's process is gone in the middle of the run."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Set

from harness.diagnosis._parties import in_brackets
from harness.diagnosis.handler_raises import raised_over
from harness.diagnosis.rule import Head, Rule, of, of_kind, per_run
from harness.model import Blame, Fact, Hop, Kind, Outcome, Strength
from harness.model.facts import HandlerError, ServerStopped
from harness.record.evidence import START, Evidence, Position, position
from harness.record.remembered import remembered

ON_THEIR_WAY = 2
"""So many answers may have been on their way when a server ended."""


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
        against=(
            "the harness stopped the server, or events after the end reached a dashboard; or the handler of an event\n"
            "raised, and the server lived on and had more of them"
        ),
        remedy=(
            "Read the end of the server's log in the run's folder: an exception at its top, a signal, memory.\n"
            "What was on its way then is lost, unless producers send again what was not acknowledged."
        ),
    )

    def is_refuted(self, evidence: Evidence, outcome: Outcome) -> bool:
        if outcome.kind is not Kind.LOST or not evidence.ended_servers:
            return not evidence.ended_servers
        is_behind = _is_behind(evidence, outcome, _last_routed(evidence)) and not _has_raised(
            evidence, outcome.event_key
        )
        return not is_behind and outcome.key not in _in_flight(evidence)

    def explain(self, evidence: Evidence, outcomes: Sequence[Outcome]) -> Iterable[Blame]:
        facts, last = evidence.ended_servers, _last_routed(evidence)
        first = of_kind(outcomes, Kind.INCOMPLETE, Kind.LOST, hop=Hop.RECEIVED)
        lost = [o for o in outcomes if o.kind is Kind.LOST and not self.is_refuted(evidence, o)]
        followed = of_kind(outcomes, Kind.INCOMPLETE, Kind.REFUSED, Kind.MISRENDERED)
        raised = [error for fact in facts if (error := _last_words(evidence, fact, last)) is not None]
        had = max(evidence.places, key=lambda key: evidence.places[key], default="none")
        yield self.blame(
            f"{' and '.join(map(_how, facts))} in the middle of the run.",
            [
                *(f"{fact.observer}: {_how(fact)}" for fact in facts),
                *(
                    f"{each.observer}: {each.body.name!r}: {each.body.error}{in_brackets(each.body.where)}"
                    for each in raised
                ),
                f"the last event that the server had: {had}",
            ],
            [*lost, *followed],
            at=first,
            places=[each.body.where for each in raised],
        )


@remembered
def _last_routed(evidence: Evidence) -> Position:
    """Where the last event was routed that had a recipient."""
    reached = (position(found[0]) for found in evidence.once[Hop.ROUTED].values() if found[0].recipients)
    return max(reached, default=START)


@remembered
def _in_flight(evidence: Evidence) -> Set[str]:
    """Events that a handler had taken and neither emitted nor answered when the server ended: they ended with it.

    Of a CLI that has an answer to all else that was routed. An event whose handler raised is one of them where that was
    the last that the server did.
    """
    routed, answered = evidence.once[Hop.ROUTED], evidence.acknowledged
    waiting = [key for key in evidence.once[Hop.RECEIVED] if key not in routed and key not in answered]
    asking = {cli for cli in evidence.exits if _asks_always(evidence, cli)}
    return {key for key in waiting if evidence.cli_of(key) in asking and not _has_raised(evidence, key)}


def _asks_always(evidence: Evidence, cli: str) -> bool:
    """Whether all that was routed of a CLI was answered; the answers to the last may have ended with the server."""
    mine = [key for key in evidence.once[Hop.ROUTED] if evidence.cli_of(key) == cli]
    return len(mine) > ON_THEIR_WAY and all(key in evidence.acknowledged for key in mine[:-ON_THEIR_WAY])


def _has_raised(evidence: Evidence, key: str) -> bool:
    """Whether an event's handler raised, and that was not what ended the server."""
    error = _errors(evidence).get(key)
    words = [_last_words(evidence, fact, _last_routed(evidence)) for fact in evidence.ended_servers]
    return error is not None and all(error is not each for each in words)


@remembered
def _errors(evidence: Evidence) -> Mapping[str, Fact[HandlerError]]:
    """Event that was taken and never routed to the exception of its handler."""
    routed = evidence.once[Hop.ROUTED]
    return raised_over(evidence, {key for key in evidence.once[Hop.RECEIVED] if key not in routed})


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
