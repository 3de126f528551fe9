"""A dashboard's connection is reset in the middle of a frame."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from harness.faults import Injected
from harness.faults._lasting import OnLine
from harness.faults._relay import Condition
from harness.faults.scene import Scene


@dataclass(frozen=True, slots=True)
class TornFrame:
    """See the module. `for_s` is the longest that it lasts."""

    for_s: float = 0.2
    name: str = "torn-frame"
    does: str = "its connection is reset in the middle of a frame"
    strikes: str = "dashboard"

    def inject(self, system: Scene, random: Random) -> Injected:
        """Strike; how long it lasts is up to `random`."""
        lasts_s = random.uniform(self.for_s / 2, self.for_s)
        line = system.line
        return OnLine(line, Condition(tears=True), lasts_s, "pieces torn", resets=True)


FAULT = TornFrame()
