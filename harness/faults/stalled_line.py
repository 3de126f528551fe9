"""A dashboard's line stands still: everything is held, both ways, and then goes on in order."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from harness.faults import Injected
from harness.faults._lasting import OnLine
from harness.faults._relay import Condition, Way
from harness.faults.scene import Scene


@dataclass(frozen=True, slots=True)
class StalledLine:
    """See the module. `for_s` is the longest that it lasts."""

    for_s: float = 2.0
    name: str = "stalled-line"
    does: str = "everything is held both ways, and then goes on in order"
    strikes: str = "dashboard"

    def inject(self, system: Scene, random: Random) -> Injected:
        """Strike; how long it lasts is up to `random`."""
        lasts_s = random.uniform(self.for_s / 2, self.for_s)
        return OnLine(system.line, Condition(holds=frozenset(Way)), lasts_s, "pieces held, then handed on in order")


FAULT = StalledLine()
