"""Which taps proved themselves alive: a tap that missed a canary, before the run or after it, can't be believed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

from harness.model import Aspect, Fact, Finding, Hop
from harness.model.facts import TapTried
from harness.record.evidence.observers import family

BEFORE, AFTER = "before", "after"


class Taps:
    """The canaries of one run. A *party* is an observer without incarnation: `dashboard:A`, `cli:main`, `server`."""

    def __init__(self, canaries: Iterable[Fact[TapTried]]) -> None:
        self._proven: dict[tuple[Hop, str], set[str]] = defaultdict(set)
        self._dead: dict[tuple[Hop, str], Finding] = {}
        self._one_sided: dict[tuple[Hop, str], Finding] = {}
        for fact in canaries:
            tried, party = fact.body, family(fact.observer)
            for hop in tried.hops:
                if tried.one_sided:
                    one_sided = Finding(Aspect.ONE_SIDED, hop=hop, party=party, text=tried.one_sided)
                    self._one_sided[hop, party] = one_sided
                if tried.alive:
                    self._proven[hop, party].add(tried.phase)
                else:
                    dead = Finding(Aspect.TAP_DEAD, hop=hop, party=party, field=tried.phase, text=tried.why)
                    self._dead.setdefault((hop, party), dead)

    def parties(self, hop: Hop) -> set[str]:
        """Who has a tap of this hop, dead or alive."""
        return {party for each, party in (*self._proven, *self._dead) if each is hop}

    def trouble(self, hop: Hop, party: str) -> Finding | None:
        """Why what this tap did not see can't be believed, or None when it can."""
        if (hop, party) in self._dead:
            return self._dead[hop, party]
        missing = tuple(phase for phase in (BEFORE, AFTER) if phase not in self._proven.get((hop, party), ()))
        return Finding(Aspect.TAP_UNPROVEN, hop=hop, party=party, items=missing) if missing else None

    def why_one_sided(self, hop: Hop, party: str) -> Finding | None:
        """Why what this tap did not see may have been there all the same, though it is alive; None when it may not."""
        return self._one_sided.get((hop, party))

    def troubles(self, hop: Hop, expected: Iterable[str]) -> Iterator[Finding]:
        """The troubles of all who have a tap of the hop, and of those who should have one."""
        for party in sorted({*expected, *self.parties(hop)}):
            if (trouble := self.trouble(hop, party)) is not None:
                yield trouble
