"""Which late events only waited in the server until another was through: the first in a queue is the one to look at."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from harness.model import Hop, Kind, Outcome
from harness.model.facts import ClockCompared
from harness.record.evidence import Evidence

MOST = 0.5
"""The share of its wait from which on an event waited for another: while that one was on its way to a page."""

_SERVER = (Hop.ROUTED, Hop.RECEIVED, Hop.SENT, Hop.EMITTED)
"""Where an event was last before a page or the server had it, the nearest first; some are blind."""


@dataclass(frozen=True, slots=True)
class _Held:
    """An event that was late at a hop, and from when to when it was on its way there, in the harness's time."""

    key: str
    hop: Hop
    since: int
    until: int


def queued(evidence: Evidence, outcomes: Iterable[Outcome]) -> dict[Outcome, str]:
    """Outcomes of events that are late at received or routed, each with the event that it waited for.

    That one is late at a hop after theirs: at routed or at delivered.
    """
    late = [o for o in outcomes if o.kind is Kind.LATE and o.key is not None]
    held = {(o.event_key, o.hops[-1]) for o in late if o.hops and o.hops[-1] in (Hop.ROUTED, Hop.DELIVERED)}
    ways = [way for key, hop in sorted(held) if (way := _on_its_way(evidence, key, hop)) is not None]
    found: dict[Outcome, str] = {}
    for outcome in late:
        hop = outcome.hops[-1] if outcome.hops else Hop.RENDERED
        if hop in (Hop.RECEIVED, Hop.ROUTED):
            first = _waited_for(evidence, outcome.event_key, hop, [way for way in ways if way.hop > hop])
            found |= {} if first is None else {outcome: first}
    return found


def _waited_for(evidence: Evidence, mine: str, hop: Hop, ways: Iterable[_Held]) -> str | None:
    there, came = _at(evidence, hop, mine), _before(evidence, hop, mine)
    if there is None or came is None:
        return None
    for way in ways:
        if way.key != mine and way.since <= there:
            waited = min(there, way.until) - max(came, way.since)
            if waited >= MOST * (there - came):
                return way.key
    return None


def _at(evidence: Evidence, hop: Hop, key: str) -> int | None:
    sightings = evidence.once[hop].get(key)
    return sightings[0].at_ns if sightings else None


def _before(evidence: Evidence, hop: Hop, key: str) -> int | None:
    """When an event was at the last hop before one."""
    return next((at for each in _SERVER if each < hop and (at := _at(evidence, each, key)) is not None), None)


def _on_its_way(evidence: Evidence, key: str, hop: Hop) -> _Held | None:
    """Where it is late at delivered, the last page that it came to counts."""
    since, ends = _before(evidence, hop, key), list[int]()
    if hop is Hop.ROUTED:
        ends = [at for at in (_at(evidence, hop, key),) if at is not None]
    else:
        offsets = _offsets(evidence)
        for label in evidence.contract.dashboards:
            for load in evidence.loads_of(label):
                ends += [s.at_ns + offsets[load] for s in evidence.on_page(Hop.DELIVERED, load).of(key)]
    return _Held(key, hop, since, max(ends)) if since is not None and ends else None


def _offsets(evidence: Evidence) -> Mapping[str, int]:
    offsets: dict[str, int] = defaultdict(int)
    for fact in evidence.facts(ClockCompared):
        offsets[fact.observer] = fact.body.offset_ns
    return offsets
