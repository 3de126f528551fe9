"""Slow consumer, dropped: the server drops what does not fit into the queue of a slow dashboard."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from harness.diagnosis._transports import has_upgraded
from harness.diagnosis.rule import Head, Rule, losses, lost_at, per_dashboard
from harness.model import Blame, Hop, Outcome, Strength
from harness.model.facts import ClockCompared
from harness.record.evidence import Evidence, position

QUEUED = 4
"""Fewer events on their way are no queue that is full."""


class SlowConsumerDrop(Rule):
    """Lost at delivered, routed to the dashboard while many events before it were still on their way."""

    head = Head(
        cause="slow-consumer-drop",
        title="the server drops what does not fit into the queue of a slow dashboard",
        claims=(losses(Hop.DELIVERED),),
        by=per_dashboard,
        taps=(
            Hop.ROUTED,
            Hop.DELIVERED,
        ),
        strength=Strength.AROUND,
        against="few events were on their way, or the transport changed",
        remedy=(
            "Bound the queue by making the producer wait, or drop on purpose and tell the dashboard of the\n"
            "gap, so that it asks for a replay: an emit that returns is no delivery."
        ),
    )

    def explain(self, evidence: Evidence, outcomes: Sequence[Outcome]) -> Iterable[Blame]:
        lost: dict[str, list[Outcome]] = defaultdict(list)
        for outcome in lost_at(outcomes, Hop.DELIVERED):
            lost[outcome.label].append(outcome)
        for label, mine in lost.items():
            behind = [count for o in mine if (count := _on_their_way(evidence, label, o.event_key)) is not None]
            if len(behind) == len(mine) and min(behind) >= QUEUED and not has_upgraded(evidence, label):
                yield self.blame(
                    f"the queue to dashboard {label} was full, and the server dropped what did not fit.",
                    [
                        f"server: routed {len(mine)} events to dashboard {label} that were never delivered",
                        f"when they were routed, {_span(behind)} others were still on their way to it",
                    ],
                    mine,
                )


def _on_their_way(evidence: Evidence, label: str, key: str) -> int | None:
    """How many events routed before this one arrived after its routing, in the harness's time; None if unknown."""
    sightings = evidence.once[Hop.ROUTED].get(key)
    clocks = {f.observer: f.body.offset_ns for f in evidence.facts(ClockCompared)}
    holders = {evidence.sids.get(sid) for sid in evidence.recipients_of(key)}
    load = next((load for load in evidence.loads_of(label)[-1:] if load in clocks and load in holders), None)
    if not sightings or load is None:
        return None
    routed = sightings[0]
    arrived = {s.event.key: s.at_ns + clocks[load] for s in evidence.on_page(Hop.DELIVERED, load)}
    before = (s[0] for s in evidence.once[Hop.ROUTED].values() if position(s[0]) < position(routed))
    return sum(1 for each in before if arrived.get(each.event.key, 0) > routed.at_ns)


def _span(counts: list[int]) -> str:
    return " to ".join(dict.fromkeys((str(min(counts)), str(max(counts)))))


RULE = SlowConsumerDrop()
