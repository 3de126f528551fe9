"""From when to when clients were connected. One whose connection's state was recovered comes back under its old id."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter

from harness.model import Fact
from harness.model.facts import Connected, Disconnected

at_of = attrgetter("at_ns")


@dataclass(frozen=True, slots=True)
class Stay:
    """One time that a client was connected; without an end where it was not ended."""

    began: Fact[Connected]
    end: Fact[Disconnected] | None


def stays(came: Sequence[Fact[Connected]], went: Sequence[Fact[Disconnected]]) -> list[Stay]:
    """Each connection with its end, in the order of `came`. An id that connected again was at an end before that."""
    times = Counter(fact.body.sid for fact in came)
    ends = defaultdict[str, list[Fact[Disconnected]]](list)
    for end in went:
        ends[end.body.sid].append(end)
    again = defaultdict[str, list[int]](list)
    for fact in came:
        if times[fact.body.sid] > 1:
            again[fact.body.sid].append(fact.at_ns)
    found = []
    for fact in came:
        mine = ends.get(fact.body.sid, [])
        if mine and fact.body.sid in again:
            until = min((at for at in again[fact.body.sid] if at > fact.at_ns), default=None)
            mine = [e for e in mine if e.at_ns >= fact.at_ns and (until is None or e.at_ns <= until)]
        found.append(Stay(fact, mine[0] if mine else None))
    return found


def gone(stayed: Sequence[Stay], went: Sequence[Fact[Disconnected]]) -> Mapping[str, Fact[Disconnected]]:
    """The ids of those who left and did not come back under them, each with its end."""
    found = {fact.body.sid: fact for fact in went}
    for stay in sorted(stayed, key=lambda each: each.began.at_ns):
        if stay.end is None:
            found.pop(stay.began.body.sid, None)
        else:
            found[stay.began.body.sid] = stay.end
    return found
