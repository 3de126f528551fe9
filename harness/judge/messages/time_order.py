"""Whether the times that the messages of a session carry run forwards. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from itertools import pairwise

from harness.judge.values.quantities import moments
from harness.model import Aspect, Finding, Hop, Kind, Outcome, Sighting
from harness.record.evidence import Evidence

TIMES = frozenset({"at", "time", "timestamp", "ts", "date", "sent_at", "emitted_at", "created_at"})
"""What messages call the time at which their event was reported."""

OUT_OF_STEP_S = 1.0
"""How far the times of one producer's events may be out of step, in seconds."""


def troubles(evidence: Evidence) -> tuple[int, list[Outcome]]:
    """The times that the messages of a session carry do not run backwards, as they leave their producer.

    Producers with several threads may be out of step by a moment: wrong is what goes back for longer, or each time.
    """
    hop = next((hop for hop in (Hop.SENT, Hop.RECEIVED, Hop.ROUTED) if evidence.has_tap(hop)), None)
    checks, found = 0, list[Outcome]()
    if hop is None or next(iter(evidence.flow[hop].having("rest")), None) is None:
        return checks, found
    told: dict[tuple[str | None, str], list[tuple[str, datetime]]] = defaultdict(list)
    for sighting in _firsts(evidence.flow[hop]):
        rest = sighting.detail.get("rest")
        message = None if rest is None else evidence.payload(rest)
        fields = message.get("fields") if isinstance(message, Mapping) else None
        for name, time in moments(fields).items() if isinstance(fields, Mapping) else ():
            if name in TIMES:
                told[sighting.event.session, name].append((sighting.event.key, time))
    for (_, name), times in told.items():
        if len({time.tzinfo is None for _, time in times}) > 1:
            continue  # what has no zone can't be compared with what has one
        pairs = [*pairwise(times)]
        checks += len(pairs)
        back = [(key, before, time) for (_, before), (key, time) in pairs if time < before]
        far = [each for each in back if (each[1] - each[2]).total_seconds() > OUT_OF_STEP_S]
        for key, before, time in back if 2 * len(back) > len(pairs) > 1 else far:
            why = Finding(Aspect.TIME_BACK, field=name, expected=before.isoformat(), found=time.isoformat())
            found.append(Outcome(Kind.CORRUPTED, "P5", key, None, *evidence.blamed(hop, None, key), why))
    return checks, found


def _firsts(sightings: Sequence[Sighting]) -> Iterator[Sighting]:
    """Each event's first sighting: what is sent again has its time already."""
    seen = set[str]()
    for sighting in sightings:
        if sighting.event.key not in seen:
            seen.add(sighting.event.key)
            yield sighting
