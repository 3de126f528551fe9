"""The CLI's connection is reset, and no other one gets through for a while."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from harness.faults import Injected
from harness.faults._lasting import cut_off
from harness.faults.scene import Scene


@dataclass(frozen=True, slots=True)
class CutCli:
    """See the module. `for_s` is the longest that it lasts."""

    for_s: float = 0.3
    name: str = "cut-cli"
    does: str = "its connections are reset, and new ones refused for a while"
    strikes: str = "cli"

    def inject(self, system: Scene, random: Random) -> Injected:
        """Strike; how long it lasts is up to `random`."""
        return cut_off(system.line, random.uniform(self.for_s / 2, self.for_s))


FAULT = CutCli()
