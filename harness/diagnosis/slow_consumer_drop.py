"""Slow consumer, dropped: the server drops what does not fit into the queue of a slow dashboard."""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Iterable, Mapping, Sequence

from harness.diagnosis._parties import dashboards
from harness.diagnosis._transports import could_not_read, has_upgraded
from harness.diagnosis.rule import Head, Rule, losses, lost_by_dashboard, per_run
from harness.lib.amounts import amount
from harness.model import Blame, Hop, Outcome, Strength
from harness.model.facts import ClockCompared
from harness.record.evidence import Evidence
from harness.record.evidence.keys import is_subset
from harness.record.evidence.times import Times
from harness.record.remembered import remembered

QUEUED = 4
"""Fewer events on their way do not fill a queue."""

DROPPED = 2
"""A single lost event does not show an overflowed queue: others came right after it."""


class SlowConsumerDrop(Rule):
    """Lost at delivered, routed to the dashboard while many events before it were still on their way."""

    head = Head(
        cause="slow-consumer-drop",
        title="the server drops what does not fit into the queue of a slow dashboard",
        claims=(losses(Hop.DELIVERED),),
        by=per_run,
        taps=(
            Hop.ROUTED,
            Hop.DELIVERED,
        ),
        strength=Strength.AROUND,
        against=(
            "few events were on their way, or one alone was lost, or the transport changed; as many events as were\n"
            "lost came, with more on their way, or one to another dashboard; another dashboard lacks the same events\n"
            "without a queue; the page got a message that it can't read; or the server still had events that it had\n"
            "not routed: what hands them on stood still"
        ),
        remedy=(
            "Bound the queue by making the producer wait, or drop on purpose and tell the dashboard of the\n"
            "gap, so that it asks for a replay: an emit that returns is not yet a delivery."
        ),
    )

    def is_refuted(self, evidence: Evidence, outcome: Outcome) -> bool:
        return _stood_still(evidence)

    def explain(self, evidence: Evidence, outcomes: Sequence[Outcome]) -> Iterable[Blame]:
        dropped: dict[str, list[Outcome]] = {}
        told: dict[str, list[str]] = {}
        lost = lost_by_dashboard(outcomes, Hop.DELIVERED)
        for label, mine in lost.items():
            if has_upgraded(evidence, label) or could_not_read(evidence, label):
                continue
            counts = _on_their_way(evidence, label)
            if not counts:
                continue
            waiting = [counts[o.event_key] for o in mine if o.event_key in counts]
            longer = [count for count in _taken(evidence, label) if count > min(waiting, default=0)]
            most = max((count for other, count in _longest(evidence).items() if other != label), default=0)
            is_longer = len(longer) >= len(mine) or most > max(waiting, default=0) + 1  # two clocks: one may be off
            if len(waiting) == len(mine) >= DROPPED and min(waiting) >= QUEUED and not is_longer:
                dropped[label] = mine
                told[label] = [
                    f"server: routed {amount(len(mine), 'event')} to dashboard {label} that were never delivered",
                    f"when they were routed, {_span(waiting)} others were still on their way to it",
                ]
        without = [{o.event_key for o in mine} for label, mine in lost.items() if label not in dropped]
        dropped = {
            label: mine for label, mine in dropped.items() if not any({o.event_key for o in mine} <= w for w in without)
        }
        if dropped:
            yield self.blame(
                f"the queue to {dashboards(dropped)} was full, and the server dropped what did not fit.",
                [line for label in dropped for line in told[label]],
                [o for mine in dropped.values() for o in mine],
            )


@remembered
def _stood_still(evidence: Evidence) -> bool:
    """Whether the server had received events that it had not routed when the run ended."""
    received, routed = (evidence.said[hop].keys for hop in (Hop.RECEIVED, Hop.ROUTED))
    return evidence.has_tap(Hop.RECEIVED) and not is_subset(received, routed)


@remembered
def _longest(evidence: Evidence) -> Mapping[str, int]:
    """The most that were on their way to each dashboard when something came that came."""
    return {label: max(_taken(evidence, label), default=0) for label in evidence.contract.dashboards}


def _taken(evidence: Evidence, label: str) -> list[int]:
    """How many were on their way to a page, for each event that came."""
    came = {key for load in evidence.loads_of(label) for key in evidence.keys_on_page(Hop.DELIVERED, load)}
    return [count for key, count in _on_their_way(evidence, label).items() if key in came]


@remembered
def _on_their_way(evidence: Evidence, label: str) -> dict[str, int]:
    """Event routed to a page to how many routed before it arrived after its routing, in the harness's time.

    Empty where that is unknown. What arrives in the order of its routing is put where it belongs in one step each.
    """
    clocks = {f.observer: f.body.offset_ns for f in evidence.facts(ClockCompared)}
    load = next((load for load in evidence.loads_of(label)[-1:] if load in clocks), None)
    if load is None:
        return {}
    sids = {sid for sid, its in evidence.sids.items() if its == load}
    shown, arrived = evidence.shown[Hop.DELIVERED].get(load), dict[str, int]()
    if shown is not None:
        arrived = Times.seen(shown, evidence.on_page(Hop.DELIVERED, load), is_last=True).by_key()
    routed_ns = evidence.first_times(Hop.ROUTED).by_key()
    counts, arrivals = dict[str, int](), list[int]()
    for key in filter(routed_ns.__contains__, evidence.as_routed):
        if not sids.isdisjoint(evidence.recipients_of(key)):
            counts[key] = len(arrivals) - bisect_right(arrivals, routed_ns[key])
        if key in arrived:
            insort(arrivals, arrived[key] + clocks[load])
    return counts


def _span(counts: list[int]) -> str:
    return " to ".join(dict.fromkeys((str(min(counts)), str(max(counts)))))


RULE = SlowConsumerDrop()
