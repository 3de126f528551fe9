"""Handler too late: a client's events come before the server has registered the handler that is for them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from harness.diagnosis._unhandled import unhandled
from harness.diagnosis.rule import UNKNOWN_PLACE, Head, Rule, about, losses, per_run, producer_of
from harness.lib.amounts import amount
from harness.model import Aspect, Blame, Fact, Hop, Kind, Outcome, Strength
from harness.model.facts import LateHandler, NoHandler
from harness.record.evidence import Evidence, label_of


class HandlerTooLate(Rule):
    """Lost at received, without a handler, and the same connection was given a handler for them afterwards."""

    head = Head(
        cause="handler-too-late",
        title="a client's events come before the server has registered the handler that is for them",
        claims=(losses(Hop.RECEIVED),),
        carries=(about(Kind.MISRENDERED, Aspect.STATUS, Aspect.STATE_VALUE),),
        by=per_run,
        taps=(Hop.RECEIVED,),
        strength=Strength.NAMED,
        against="no handler for them was registered later, or the message came from a dashboard",
        remedy=(
            "Register handlers in the connection handler before its first await: what arrives meanwhile finds none,\n"
            "and Socket.IO drops it without a word. Let a handler wait for what it needs instead."
        ),
    )

    def is_refuted(self, evidence: Evidence, outcome: Outcome) -> bool:
        if outcome.kind is Kind.MISRENDERED:
            return not _waits(evidence, outcome)
        fact, late = unhandled(evidence).get(outcome.event_key), _late(evidence)
        return fact is None or (fact.body.sid, fact.body.name) not in {(f.body.sid, f.body.name) for f in late}

    def explain(self, evidence: Evidence, outcomes: Sequence[Outcome]) -> Iterable[Blame]:
        lost = [outcome for outcome in outcomes if outcome.kind is Kind.LOST]
        if not lost:
            return
        late, senders = _late(evidence), sorted({producer_of(evidence, o) for o in lost})
        missed = sum(fact.body.missed for fact in late)
        yield self.blame(
            f"they came before the server had a handler for {_names(late)}.",
            [
                *(
                    f"{fact.observer}: {fact.body.missed} {fact.body.name!r} came, then its handler was "
                    f"registered ({fact.body.where or UNKNOWN_PLACE}){_after(evidence, fact)}"
                    for fact in late[:5]
                ),
                f"sent by {', '.join(senders)}: {amount(missed, 'message')} without a handler",
            ],
            [*lost, *(o for o in outcomes if o not in lost and _waits(evidence, o))],
            at=lost,
            places=[fact.body.where for fact in late],
        )


def _late(evidence: Evidence) -> list[Fact[LateHandler]]:
    """Handlers that were registered after messages for them had come, but for those of dashboards."""
    pages = {*evidence.sids, *evidence.unclaimed}
    return [f for f in evidence.facts(LateHandler) if f.body.sid not in pages]


def _waits(evidence: Evidence, outcome: Outcome) -> bool:
    """Whether what a page says of its connection waits for the answer to a request that came too soon as well."""
    told = outcome.finding
    if told.aspect is not Aspect.STATUS and told.field != "connection":
        return False
    missed = {fact.body.sid for fact in evidence.facts(LateHandler)}
    return any(label_of(load) == outcome.dashboard and sid in missed for sid, load in evidence.sids.items())


def _names(late: Sequence[Fact[LateHandler]]) -> str:
    return ", ".join(dict.fromkeys(repr(fact.body.name) for fact in late))


def _after(evidence: Evidence, fact: Fact[LateHandler]) -> str:
    """How long after the first of them, on the server's own clock."""
    came = [f for f in evidence.facts(NoHandler) if (f.body.sid, f.body.name) == (fact.body.sid, fact.body.name)]
    return f", {(fact.at_ns - came[0].at_ns) / 1e6:.0f} ms after the first" if came else ""


RULE = HandlerTooLate()
