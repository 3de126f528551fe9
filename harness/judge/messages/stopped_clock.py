"""Whether the time that messages carry moves on from one event of a session to the next. Pure.

A time that is taken once, when the producer starts say, is right to a moment, and then stands still.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from harness.judge.values.quantities import moment
from harness.model import Hop
from harness.record.evidence import Evidence

MOST_S = 1.0
"""How long after another event one may be reported that carries the same time, in seconds, beside how exact that is."""

SEVERAL = 2
"""Of more events than so many it is telling that all of them carry one time."""


def standing(evidence: Evidence, told: Mapping[str, object]) -> Iterator[str]:
    """Events that carry the time of an earlier one of their session, and were reported long after it, by their keys.

    `told`: what each event's message says, by the event's key. A producer may stamp at once what it reports at once,
    and be held up once before it reports it: unless all of its session carries one time, the longest pause is not
    counted, and neither is what the machine was starved for.
    """
    found: dict[str | None, dict[datetime, list[tuple[int, str]]]] = defaultdict(lambda: defaultdict(list))
    for key, sightings in evidence.once[Hop.EMITTED].items():
        if (time := moment(told.get(key))) is not None:
            found[sightings[0].event.session][time].append((sightings[0].at_ns, key))
    for by_time in found.values():
        for time, reported in by_time.items():
            yield from _after(evidence, time, sorted(reported), len(by_time) == 1 and len(reported) > SEVERAL)


def _after(evidence: Evidence, time: datetime, reported: Sequence[tuple[int, str]], is_only: bool) -> Iterator[str]:
    first_ns, last_ns, longest_ns = reported[0][0], reported[0][0], 0
    for at_ns, key in reported:
        longest_ns, last_ns = max(longest_ns, at_ns - last_ns), at_ns
        after_s = (at_ns - first_ns - (0 if is_only else longest_ns)) / 1e9
        if after_s > MOST_S + _exact_s(time) and after_s - evidence.starved_ms(first_ns, at_ns) / 1e3 > MOST_S:
            yield key


def _exact_s(time: datetime) -> float:
    """How exact a time is that is written so, in seconds."""
    if time.microsecond:
        return 0.0
    return 1.0 if time.second else 60.0 if time.minute or time.hour else 86_400.0
