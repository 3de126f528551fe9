"""A dashboard's connection is dead, and neither side knows: what is sent is lost without a word, then it is reset."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from harness.faults import Injected
from harness.faults._lasting import OnLine
from harness.faults._relay import Condition
from harness.faults.scene import Scene


@dataclass(frozen=True, slots=True)
class HalfOpen:
    """See the module. `for_s` is the longest that it lasts."""

    for_s: float = 2.0
    name: str = "half-open"
    does: str = "what is sent to it or by it is lost without a word, until the connection is reset"
    strikes: str = "dashboard"

    def inject(self, system: Scene, random: Random) -> Injected:
        """Strike; how long it lasts is up to `random`."""
        lasts_s = random.uniform(self.for_s / 2, self.for_s)
        # A connection that lost bytes can't go on: its end is a reset, as when a router has forgotten it.
        return OnLine(system.line, Condition(drops=True), lasts_s, "pieces lost without a word", resets=True)


FAULT = HalfOpen()
