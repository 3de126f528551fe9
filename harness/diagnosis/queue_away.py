"""Queue away: the CLI emits through a message queue that does not take it, and the library goes on without a word."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from harness.diagnosis.rule import Head, Rule, losses, per_cli, producer_of
from harness.lib.amounts import amount
from harness.model import Blame, Fact, Hop, Outcome, Strength
from harness.model.facts import Acknowledged
from harness.record.evidence import Evidence, names
from harness.record.remembered import remembered


class QueueAway(Rule):
    """Lost at sent: the agent saw the library give up writing it to its message queue."""

    head = Head(
        cause="queue-away",
        title="the CLI emits through a message queue that is away, and the library swallows that",
        claims=(losses(Hop.SENT),),
        by=per_cli,
        taps=(Hop.SENT,),
        strength=Strength.NAMED,
        against="the queue took the event, at once or when it was tried again, or the emit failed before it got there",
        remedy=(
            "Bring the queue back (address, memory, restarts of it), and keep events in the producer until they are\n"
            "written: `emit` does not raise where a queue is away. What is watched is the queue, and its log."
        ),
    )

    def is_refuted(self, evidence: Evidence, outcome: Outcome) -> bool:
        return outcome.event_key not in _given_up(evidence)

    def explain(self, evidence: Evidence, outcomes: Sequence[Outcome]) -> Iterable[Blame]:
        cli, given_up = producer_of(evidence, outcomes[0]), _given_up(evidence)
        keys = [*dict.fromkeys(o.event_key for o in outcomes)]
        queues = [*dict.fromkeys(str(given_up[key].body.queue) for key in keys)]
        places = [*dict.fromkeys(f.body.where for key in keys if (f := given_up[key]).body.where)]
        taken = [s for s in evidence.flow[Hop.SENT] if s.observer == cli and s.detail.get("queue") in queues]
        first = min(given_up[key].n for key in keys)
        before, after = sum(s.n < first for s in taken), sum(s.n > first for s in taken)
        yield self.blame(
            f"the message queue at {' and '.join(queues)} did not take what the CLI emits, and the CLI was not told.",
            [
                f"{cli}: the queue took {amount(before, 'event')} before {keys[0]}, and {after} after it",
                f"{cli}: the library gave up writing {amount(len(keys), 'event')}: {names(keys)}",
                *(f"emitted at {place}" for place in places[:3]),
            ],
            outcomes,
            places=places,
        )


@remembered
def _given_up(evidence: Evidence) -> Mapping[str, Fact[Acknowledged]]:
    """Event to where the library gave up writing it to a queue, for those that no queue took."""
    told = {f.body.key: f for f in evidence.answers(lambda told: not told.ok) if f.body.queue is not None}
    return {key: fact for key, fact in told.items() if not evidence.at(Hop.SENT, key)}


RULE = QueueAway()
