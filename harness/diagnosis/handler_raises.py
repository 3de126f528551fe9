"""Handler raises: the server's handler fails before it emits; Socket.IO keeps silent and the connection stays."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from harness.diagnosis._answers import unheard
from harness.diagnosis._parties import at, first_line, in_brackets
from harness.diagnosis.rule import Head, Rule, losses, lost_at, of, of_kind, per_run
from harness.model import Aspect, Blame, Fact, Finding, Hop, Kind, Outcome, Sighting, Strength
from harness.model.facts import HandlerError
from harness.record.evidence import Evidence, position

BY_HTTP = (
    "Look at what the handler answers with an error, and at the server's log; and let the producer take such an\n"
    "answer for a failure: it went on, as if what it posted had been taken."
)
"""What mends it where events are posted over HTTP: the server says that it failed, and the producer is told."""


class HandlerRaises(Rule):
    """Lost at routed, never resolved for a client, and after its arrival a handler of that client raised.

    Or emitted and never answered for that reason, and the CLI, which waited for the answer, gave up over it.
    """

    head = Head(
        cause="handler-raises",
        title="the server's handler fails before it emits; Socket.IO keeps silent and the connection stays",
        claims=(
            losses(Hop.ROUTED, exact=True),
            of(Kind.REFUSED),
            of(Kind.EXCLUSIVITY),
            of(Kind.INCOMPLETE),
        ),
        by=per_run,
        taps=(Hop.RECEIVED,),
        strength=Strength.NAMED,
        against="the exception came before the event, or the event was routed all the same",
        remedy=(
            "Mend the handler. Socket.IO sends no acknowledgement when a handler raises and keeps the connection:\n"
            "catch what can go wrong and answer with an error."
        ),
    )

    def explain(self, evidence: Evidence, outcomes: Sequence[Outcome]) -> Iterable[Blame]:
        ends = _given_up_over(evidence, outcomes)
        lost = [o for o in lost_at(outcomes, Hop.ROUTED) if o.hop is Hop.ROUTED]
        events = {o.event_key for o in lost if o.key not in evidence.once[Hop.ROUTED]}
        raised: dict[str | Finding | None, Fact[HandlerError]] = dict(raised_over(evidence, events).items())
        mine = [o for o in lost if o.key in raised]
        for outcome, fact in _unanswered(evidence, outcomes):
            mine.append(outcome)
            raised[outcome.finding] = fact
        if mine:
            errors = list({id(fact): fact for fact in raised.values()}.values())
            error = errors[0].body
            by_http = all(each.body.sid is None and each.body.name != "connect" for each in errors)
            yield self.blame(
                f"the server emitted nothing for what was posted to {error.name!r}: {first_line(error.error)}."
                if by_http
                else f"the server's handler raised before it emitted: {first_line(error.error)}.",
                [
                    f"{each.observer}: {each.body.name!r}: {each.body.error}{in_brackets(each.body.where)}"
                    for each in errors[:5]
                ],
                mine,
                remedy=BY_HTTP
                if by_http
                else f"Mend the handler{at(error.where)}. Socket.IO sends no acknowledgement when a handler\n"
                "raises and keeps the connection: catch what can go wrong and answer with an error.",
                places=[each.body.where for each in errors],
            )
        for outcome, (key, fact) in ends.items():
            yield self._after_it_emitted(outcome, key, fact)

    def _after_it_emitted(self, end: Outcome, key: str, fact: Fact[HandlerError]) -> Blame:
        where = in_brackets(fact.body.where)
        return self.blame(
            f"the server's handler emitted {key}, and raised before it answered: {first_line(fact.body.error)}.",
            [
                f"{fact.observer}: {fact.body.name!r}: {fact.body.error}{where}",
                "the CLI waits for an answer that is never sent, and gives up",
            ],
            [end],
            remedy=f"Mend the handler{at(fact.body.where)}, or what it returns, which the library has to be able to\n"
            "send. Socket.IO sends no acknowledgement when a handler raises: catch it, and answer with an error.",
            places=[fact.body.where],
        )


def _given_up_over(evidence: Evidence, outcomes: Sequence[Outcome]) -> dict[Outcome, tuple[str, Fact[HandlerError]]]:
    """Sessions without their end whose last event was emitted and not answered, as its handler raised after that."""
    found: dict[Outcome, tuple[str, Fact[HandlerError]]] = {}
    for outcome in of_kind(outcomes, Kind.INCOMPLETE):
        end = evidence.exit_or_only(outcome.finding.session or "")
        mine = [e.key for e in evidence.events_of(outcome.finding.session or "")]
        last = [key for key in mine if key in evidence.once[Hop.RECEIVED]][-1:]
        if end is None or end.body.status <= 0 or end.body.killed or not last or last != mine[-1:]:
            continue
        if last[0] in evidence.acknowledged or last[0] not in evidence.once[Hop.ROUTED]:
            continue
        open_ = {key for key in mine if key in evidence.once[Hop.RECEIVED] and key not in evidence.acknowledged}
        error = raised_over(evidence, open_).get(last[0])
        if error is not None:
            found[outcome] = last[0], error
    return found


def _unanswered(evidence: Evidence, outcomes: Sequence[Outcome]) -> Iterable[tuple[Outcome, Fact[HandlerError]]]:
    """Openings and subscriptions that were never answered because their handler raised."""
    errors = {(str(f.body.sid), f.body.name): f for f in evidence.facts(HandlerError)}
    for exchange in evidence.exchanges:
        fact = errors.get((exchange.sid, exchange.name))
        if exchange.session in evidence.unanswered and fact is not None:
            yield from ((o, fact) for o in outcomes if _is_unanswered(o, exchange.session))
        if exchange in evidence.unheard and fact is not None:
            yield from ((o, fact) for o in unheard(evidence, outcomes, exchange))


def _is_unanswered(outcome: Outcome, session: str | None) -> bool:
    return outcome.finding.aspect is Aspect.SESSION_UNANSWERED and outcome.finding.session == session


def raised_over(evidence: Evidence, lost: set[str]) -> dict[str, Fact[HandlerError]]:
    """Lost event to the exception that took it: each event the first one after its arrival that no other has."""
    errors: dict[tuple[str, str], list[Fact[HandlerError]]] = defaultdict(list)
    for fact in evidence.facts(HandlerError):
        errors[fact.observer, str(fact.body.sid)].append(fact)
    called = evidence.events.names()
    found: dict[str, Fact[HandlerError]] = {}
    arrivals = {key: evidence.once[Hop.RECEIVED][key][-1] for key in lost if key in evidence.once[Hop.RECEIVED]}
    for key, arrived in sorted(arrivals.items(), key=lambda item: position(item[1])):
        mine = errors.get((arrived.observer, str(arrived.detail.get("sid"))), [])
        for error in mine:
            if _fits(error, evidence.events[key].name, called, arrived):
                found[key] = error
                mine.remove(error)
                break
    return found


def _fits(error: Fact[HandlerError], name: str, called: set[str], arrived: Sighting) -> bool:
    """Whether an exception may be that of an event's handler; where one message carries all, it has another name."""
    handler, path = error.body.name, arrived.detail.get("path")
    is_its = handler == path if path is not None else handler == name or handler not in called
    return position(error) > position(arrived) and is_its


RULE = HandlerRaises()
