"""Whether the time that messages carry moves on from one event of a session to the next. Pure.

A time that is taken once, when the producer starts say, is right to a moment, and then stands still.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import datetime

from harness.judge.values.quantities import moment
from harness.model import Hop
from harness.record.evidence import Evidence

MOST_S = 1.0
"""How long after another event one may be reported that carries the same time, in seconds, beside how exact that is."""


def standing(evidence: Evidence, told: Mapping[str, object]) -> Iterator[tuple[str, float]]:
    """Events with the time of an earlier one of their session, and how many seconds after that they were reported.

    `told`: what each event's message says, by the event's key. A producer may stamp at once what it reports at once.
    """
    firsts: dict[str | None, dict[datetime, int]] = defaultdict(dict)
    for key, sightings in evidence.once[Hop.EMITTED].items():
        time, event = moment(told.get(key)), sightings[0].event
        if time is None:
            continue
        at_ns = sightings[0].at_ns
        after_s = (at_ns - firsts[event.session].setdefault(time, at_ns)) / 1e9
        if after_s > MOST_S + _exact_s(time):
            yield key, after_s


def _exact_s(time: datetime) -> float:
    """How exact a time is that is written so, in seconds."""
    if time.microsecond:
        return 0.0
    return 1.0 if time.second else 60.0 if time.minute or time.hour else 86_400.0
