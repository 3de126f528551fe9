"""What lost events have in common in the time between them and others of their name, on their page. Pure.

A page that takes one event in so many milliseconds, or the last of those that come close together, leaves out the
others by their distance alone, whatever they say.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass, field

from harness.lib.amounts import amount
from harness.model import Hop, Outcome
from harness.record.evidence import Evidence

FEWEST = 3
"""Of fewer the distances may be so by chance."""

FAR = 50
"""So many messages away another is not looked for."""

NONE = "none"
"""In the place of a time: what the page took was the last, and nothing came after it."""

_AFTER = "each came {most} at most after the last one{of} that the page took, and what it took came {least} after one"
_BEFORE = "the next one{of} came {most} at most after each, and {least} after those that the page took"
_WAYS = ((-1, _AFTER), (1, _BEFORE))


def of_gaps(evidence: Evidence, outcomes: Sequence[Outcome]) -> Iterator[str]:
    """Whether all that a page lost came closer to another, of its name or any, than what it took."""
    lost: dict[str, set[str]] = {}
    for outcome in outcomes:
        if not outcome.dashboard or not outcome.hops or outcome.hops[0] <= Hop.DELIVERED:
            return
        lost.setdefault(outcome.dashboard, set()).add(outcome.event_key)
    if min(map(len, lost.values()), default=0) < FEWEST:
        return
    pages = [_Came.on(evidence, label, keys) for label, keys in lost.items()]
    for by_name, of in ((True, " of its name"), (False, "")):
        for step, said in _WAYS:
            known = [each for page in pages if (each := page.apart(step, by_name)) is not None]
            if len(known) == len(pages):
                rest = [least for _, least in known if least is not None]
                after = f"{_ms(min(rest))} at least" if rest else NONE
                yield said.format(of=of, most=_ms(max(most for most, _ in known)), least=after)
                return


def _ms(ns: float) -> str:
    return amount(round(ns / 1e6), "ms", "ms")


@dataclass(frozen=True, slots=True)
class _Came:
    """What came to a page, in order: keys and times; and which of it the page lost, at which places."""

    evidence: Evidence
    keys: Sequence[str]
    at_ns: Sequence[int]
    lost: Set[str]
    lost_at: Sequence[int]
    names: dict[int, str] = field(default_factory=dict)

    @classmethod
    def on(cls, evidence: Evidence, label: str, lost: Set[str]) -> _Came:
        """What came to the last load of a dashboard's page."""
        load = next(iter(evidence.loads_of(label)[-1:]), "")
        stream = evidence.shown[Hop.DELIVERED].get(load)
        keys = [] if stream is None else [*stream.listed_keys]
        at_ns = evidence.on_page(Hop.DELIVERED, load).at_ns.tolist() if keys else []
        return cls(evidence, keys, at_ns, lost, [place for place, key in enumerate(keys) if key in lost])

    def apart(self, step: int, by_name: bool) -> tuple[int, int | None] | None:
        """The largest gap between what was lost and another, and the smallest of what was not, where that is larger.

        Backwards to the last one that was taken, forwards to the next one at all. None for the smallest where nothing
        came after what was taken.
        """
        if len(self.lost_at) < len(self.lost):
            return None
        most, others = 0, list[int]()
        for place in self.lost_at:
            gap = self._gap(place, step, by_name)
            if gap is None:
                return None
            most = max(most, gap)
        called = {self._name(place) for place in self.lost_at} if by_name else set()
        for place, key in enumerate(self.keys):
            if key in self.lost or (by_name and self._name(place) not in called):
                continue
            gap = self._gap(place, step, by_name)
            if gap is not None:
                if gap <= most:
                    return None
                others.append(gap)
        if step < 0 and not others:
            return None
        return most, min(others, default=None)

    def _gap(self, place: int, step: int, by_name: bool) -> int | None:
        other = place + step
        while 0 <= other < len(self.keys) and abs(other - place) <= FAR:
            is_other = step > 0 or self.keys[other] not in self.lost
            if is_other and (not by_name or self._name(other) == self._name(place)):
                return abs(self.at_ns[other] - self.at_ns[place])
            other += step
        return None

    def _name(self, place: int) -> str:
        found = self.names.get(place)
        if found is None:
            found = self.names[place] = self.evidence.events[self.keys[place]].name
        return found
