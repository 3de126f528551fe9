"""Which taps proved themselves alive: a tap that missed a canary, before the run or after it, can't be believed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

from harness.model import Aspect, Fact, Finding, Hop
from harness.record.evidence.observers import family

BEFORE, AFTER = "before", "after"


class Taps:
    """The canaries of one run. A *party* is an observer without incarnation: `dashboard:A`, `cli:main`, `server`."""

    def __init__(self, canaries: Iterable[Fact]) -> None:
        self._proven: dict[tuple[Hop, str], set[str]] = defaultdict(set)
        self._dead: dict[tuple[Hop, str], Finding] = {}
        self._one_sided: dict[tuple[Hop, str], Finding] = {}
        for fact in canaries:
            for number in fact.data["hops"]:
                tap = (Hop(number), family(fact.observer))
                if why_silent := fact.data.get("one_sided"):
                    self._one_sided[tap] = Finding(Aspect.ONE_SIDED, hop=tap[0], party=tap[1], text=str(why_silent))
                if fact.data["alive"]:
                    self._proven[tap].add(str(fact.data["phase"]))
                else:
                    phase, why = str(fact.data["phase"]), fact.data.get("why")
                    dead = Finding(Aspect.TAP_DEAD, hop=tap[0], party=tap[1], field=phase, text=why and str(why))
                    self._dead.setdefault(tap, dead)

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
