"""Handler too late: a client's events come before the server has registered the handler that is for them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from harness.diagnosis._unhandled import unhandled
from harness.diagnosis.rule import UNKNOWN_PLACE, Head, Rule, losses, per_run, producer_of
from harness.lib.amounts import amount
from harness.model import Blame, Fact, Hop, Outcome, Strength
from harness.model.facts import LateHandler, NoHandler
from harness.record.evidence import Evidence


class HandlerTooLate(Rule):
    """Lost at received, without a handler, and the same connection was given a handler for them afterwards."""

    head = Head(
        cause="handler-too-late",
        title="a client's events come before the server has registered the handler that is for them",
        claims=(losses(Hop.RECEIVED),),
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
        fact, late = unhandled(evidence).get(outcome.event_key), _late(evidence)
        return fact is None or (fact.body.sid, fact.body.name) not in {(f.body.sid, f.body.name) for f in late}

    def explain(self, evidence: Evidence, outcomes: Sequence[Outcome]) -> Iterable[Blame]:
        late, senders = _late(evidence), sorted({producer_of(evidence, o) for o in outcomes})
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
            outcomes,
            places=[fact.body.where for fact in late],
        )


def _late(evidence: Evidence) -> list[Fact[LateHandler]]:
    """Handlers that were registered after messages for them had come, but for those of dashboards."""
    pages = {*evidence.sids, *evidence.unclaimed}
    return [f for f in evidence.facts(LateHandler) if f.body.sid not in pages]


def _names(late: Sequence[Fact[LateHandler]]) -> str:
    return ", ".join(dict.fromkeys(repr(fact.body.name) for fact in late))


def _after(evidence: Evidence, fact: Fact[LateHandler]) -> str:
    """How long after the first of them, on the server's own clock."""
    came = [f for f in evidence.facts(NoHandler) if (f.body.sid, f.body.name) == (fact.body.sid, fact.body.name)]
    return f", {(fact.at_ns - came[0].at_ns) / 1e6:.0f} ms after the first" if came else ""


RULE = HandlerTooLate()
