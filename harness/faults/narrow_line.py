"""A dashboard's line is narrow: so many bytes a second and no more."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from harness.faults import Injected
from harness.faults._lasting import OnLine
from harness.faults._relay import Condition
from harness.faults.scene import Scene


@dataclass(frozen=True, slots=True)
class NarrowLine:
    """See the module. `for_s` is the longest that it lasts."""

    for_s: float = 2.0
    bytes_per_s: float = 4000
    name: str = "narrow-line"
    does: str = "its line carries few bytes a second"
    strikes: str = "dashboard"

    def inject(self, system: Scene, random: Random) -> Injected:
        """Strike; how long it lasts is up to `random`."""
        lasts_s = random.uniform(self.for_s / 2, self.for_s)
        return OnLine(system.line, Condition(bytes_per_s=self.bytes_per_s), lasts_s, "pieces slowed down")


FAULT = NarrowLine()
