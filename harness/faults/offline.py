"""A dashboard's browser goes offline for a while, as it does without a network."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from harness.faults import Injected
from harness.faults._lasting import Acted
from harness.faults.scene import Scene


@dataclass(frozen=True, slots=True)
class Offline:
    """See the module."""

    for_s: float = 2.0
    name: str = "offline"
    does: str = "its browser is offline for a while"
    strikes: str = "dashboard"

    def inject(self, system: Scene, random: Random) -> Injected:
        """Strike; how long it lasts is up to `random`."""
        system.dashboard.set_offline(True)
        lasts_s = random.uniform(self.for_s / 2, self.for_s)
        return Acted(1, "times offline", lasts_s, lambda: system.dashboard.set_offline(False))


FAULT = Offline()
