"""Relayed twice: several processes each pass on the same event, and each of them reaches every dashboard."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from harness.diagnosis._processes import is_relayed_by_several, relays, title
from harness.diagnosis.rule import UNKNOWN_PLACE, Head, Pattern, Rule, of, of_kind, per_run
from harness.model import Blame, Hop, Kind, Outcome, Strength
from harness.record.evidence import Evidence


class RelayedTwice(Rule):
    """Twice at routed at the latest, and several processes put the event into a message queue or emitted it."""

    head = Head(
        cause="relayed-twice",
        title="several processes each pass on the same event, by a message queue that all of them listen to",
        claims=(Pattern((Kind.DUPLICATED,), (Hop.SENT, Hop.RECEIVED, Hop.ROUTED), keyed=True),),
        carries=(of(Kind.REORDERED),),
        by=per_run,
        strength=Strength.NAMED,
        against="one process alone passed it on, or it was sent or received more than once",
        remedy=(
            "What every process hears, each passes on to its own clients alone (ignore_queue; `local` on Node.js).\n"
            "What goes to all clients by the queue, one process passes on: take it from a queue with one consumer."
        ),
    )

    def is_refuted(self, evidence: Evidence, outcome: Outcome) -> bool:
        seen = (evidence.at(hop, outcome.key) for hop in (Hop.SENT, Hop.RECEIVED))
        return not is_relayed_by_several(evidence, outcome.event_key) or any(len(each) > 1 for each in seen)

    def explain(self, evidence: Evidence, outcomes: Sequence[Outcome]) -> Iterable[Blame]:
        twice = of_kind(outcomes, Kind.DUPLICATED)
        by = {who: where for outcome in twice for who, where in relays(evidence, outcome.key).items()}
        count = {who: len({o.key for o in twice if who in relays(evidence, o.key)}) for who in sorted(by)}
        names = [title(evidence, who) for who in count]
        made = self.blame(
            f"processes {' and '.join(names)} each pass on the same events, to all clients.",
            [
                f"process {title(evidence, who)}: passed on {n} of them, at {by[who] or UNKNOWN_PLACE}"
                for who, n in count.items()
            ],
            outcomes,
            places=by.values(),
        )
        yield replace(made, hop=Hop.ROUTED, hops=(Hop.ROUTED,))  # once before, whatever is not seen there


RULE = RelayedTwice()
