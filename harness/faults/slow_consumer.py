"""A dashboard that does not read for a while: what the server sends to it waits on the server's side."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from harness.faults import Injected
from harness.faults._lasting import OnLine
from harness.faults._relay import Condition, Way
from harness.faults.scene import Scene


@dataclass(frozen=True, slots=True)
class SlowConsumer:
    """See the module. `for_s` is the longest that it lasts."""

    for_s: float = 2.0
    name: str = "slow-consumer"
    does: str = "it reads nothing for a while, and goes on where it was"
    strikes: str = "dashboard"

    def inject(self, system: Scene, random: Random) -> Injected:
        """Strike; how long it lasts is up to `random`."""
        lasts_s = random.uniform(self.for_s / 2, self.for_s)
        return OnLine(system.line, Condition(holds=frozenset({Way.DOWN})), lasts_s, "pieces that it did not read")


FAULT = SlowConsumer()
