"""Which late events only waited in the server until another was through: the first in a queue is the one to look at."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

from harness.model import Hop, Kind, Outcome
from harness.model.facts import ClockCompared
from harness.record.evidence import Evidence

MOST = 0.5
"""The share of its wait from which on an event waited for another: while that one was on its way to a page."""

_BEFORE = (Hop.RECEIVED, Hop.SENT, Hop.EMITTED)
"""Where an event was last before the server routed it, the nearest first; some are blind."""


def queued(evidence: Evidence, outcomes: Iterable[Outcome]) -> dict[Outcome, str]:
    """Outcomes of events that are late at routed, each with the event that it waited for, late at delivered."""
    late = [o for o in outcomes if o.kind is Kind.LATE and o.key is not None]
    held = {o.event_key for o in late if o.hop is Hop.DELIVERED}
    ways = {key: way for key in sorted(held) if (way := _on_its_way(evidence, key)) is not None}
    found = {}
    for outcome in late:
        if outcome.hops[-1:] == (Hop.ROUTED,) and (key := _waited_for(evidence, outcome.event_key, ways)) is not None:
            found[outcome] = key
    return found


def _waited_for(evidence: Evidence, mine: str, ways: Mapping[str, tuple[int, int]]) -> str | None:
    routed = evidence.once[Hop.ROUTED].get(mine)
    came = next((s[0].at_ns for hop in _BEFORE if (s := evidence.once[hop].get(mine))), None)
    if not routed or came is None:
        return None
    until = routed[0].at_ns
    for key, (start, end) in ways.items():
        if key != mine and start <= until and min(until, end) - max(came, start) >= MOST * (until - came):
            return key
    return None


def _on_its_way(evidence: Evidence, key: str) -> tuple[int, int] | None:
    """From when to when an event was between its routing and the last page that it came to, in the harness's time."""
    routed, ends = evidence.once[Hop.ROUTED].get(key), list[int]()
    offsets = _offsets(evidence)
    for label in evidence.contract.dashboards:
        for load in evidence.loads_of(label):
            ends += [s.at_ns + offsets[load] for s in evidence.on_page(Hop.DELIVERED, load) if s.event.key == key]
    return (routed[0].at_ns, max(ends)) if routed and ends else None


def _offsets(evidence: Evidence) -> Mapping[str, int]:
    offsets: dict[str, int] = defaultdict(int)
    for fact in evidence.facts(ClockCompared):
        offsets[fact.observer] = fact.body.offset_ns
    return offsets
