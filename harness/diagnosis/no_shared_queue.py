"""No shared queue: one process emits, the dashboard is connected to another, and nothing goes from one to the other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence, Set

from harness.diagnosis._processes import emitters, holders, is_unserved, title
from harness.diagnosis.rule import Head, Rule, losses, lost_at, per_run
from harness.model import Blame, Hop, Outcome, Strength
from harness.model.facts import Connected, Listens, Requested
from harness.record.evidence import Evidence
from harness.record.remembered import remembered

ALONE = (
    "The processes have a message queue, and this emit leaves it out: call it without `ignore_queue` (in Node.js\n"
    "without `local`), where clients of the other processes are to have it, too."
)
"""What mends it where servers listen to a queue."""


class NoSharedQueue(Rule):
    """Lost at routed: emitted to the clients of a process alone that has never held this dashboard's connection."""

    head = Head(
        cause="no-shared-queue",
        title="a process emits to its own clients, and the dashboard is connected to another process",
        claims=(losses(Hop.ROUTED),),
        by=per_run,
        taps=(Hop.ROUTED,),
        strength=Strength.NAMED,
        against=(
            "the process that emits has held the dashboard's connection, passes its emits on by a message queue, or\n"
            "the dashboard has other events that it emitted; or a client that is not a page and says nothing got it,\n"
            "and may be another server that passes it on"
        ),
        remedy=(
            "Several processes serve clients, and each knows its own alone: give their server objects one message\n"
            "queue (client_manager, message_queue or an adapter), or run one process."
        ),
    )

    def is_refuted(self, evidence: Evidence, outcome: Outcome) -> bool:
        by, held = emitters(evidence, outcome.key), holders(evidence, outcome.label)
        served = not any(is_unserved(each) for each in evidence.at(Hop.ROUTED, outcome.key))
        return (
            not (by and held and served)
            or not by.isdisjoint(held)
            or (_relays(evidence, by, held, outcome.label) or _may_relay(evidence, outcome))
        )

    def explain(self, evidence: Evidence, outcomes: Sequence[Outcome]) -> Iterable[Blame]:
        mine = lost_at(outcomes, Hop.ROUTED)
        if not mine:
            return
        emitted = {o.event_key: emitters(evidence, o.key) for o in mine}
        count = Counter(who for by in emitted.values() for who in by)
        homes = {label: holders(evidence, label) for label in sorted({o.label for o in mine})}
        first, home = min(count), min(who for held in homes.values() for who in held)
        yield self.blame(
            f"process {title(evidence, first)} emits to its own clients, and dashboard {', '.join(homes)} is connected "
            f"to process {title(evidence, home)}.",
            [
                *(
                    f"process {title(evidence, who)}: emitted {n} of them, to its own clients alone"
                    for who, n in sorted(count.items())
                ),
                *(
                    f"dashboard {label}: connected to process {', '.join(title(evidence, who) for who in sorted(held))}"
                    for label, held in homes.items()
                ),
            ],
            mine,
            remedy=ALONE if any(fact.body.queue for fact in evidence.facts(Listens)) else None,
            places=[each.detail.get("where") for o in mine for each in evidence.at(Hop.ROUTED, o.key)],
        )


def _relays(evidence: Evidence, by: Set[str], held: Set[str], label: str) -> bool:
    """Whether what these processes emit is emitted again by the one that holds the dashboard: it takes it from them."""
    given = (key for load in evidence.loads_of(label) for key in evidence.keys_on_page(Hop.DELIVERED, load))
    return any(by < (again := emitters(evidence, key)) and not held.isdisjoint(again) for key in given)


def _may_relay(evidence: Evidence, outcome: Outcome) -> bool:
    """Whether a recipient of the event may be another server that follows this one, from before the record on."""
    told = {sid for each in evidence.at(Hop.ROUTED, outcome.key) for sid in each.recipients or ()}
    return not told <= evidence.sids.keys() | _known(evidence)


@remembered
def _known(evidence: Evidence) -> Set[object]:
    """Who said that it is a dashboard or a producer, or sent something itself."""
    said = {fact.body.sid for fact in evidence.facts(Connected) if fact.body.role is not None}
    asked = {fact.body.sid for fact in evidence.facts(Requested)}
    return said | asked | {each.detail.get("sid") for each in evidence.flow[Hop.RECEIVED].kinds()}


RULE = NoSharedQueue()
