"""The CLI's process is stopped for a while, and goes on as if nothing were."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from harness.faults import Injected
from harness.faults._lasting import Acted
from harness.faults.scene import Scene


@dataclass(frozen=True, slots=True)
class CliStopped:
    """See the module."""

    for_s: float = 2.0
    name: str = "cli-stopped"
    does: str = "its process is stopped for a while, and goes on"
    strikes: str = "cli"

    def inject(self, system: Scene, random: Random) -> Injected:
        """Strike; how long it lasts is up to `random`."""
        child = system.own_cli.child
        child.pause()
        lasts_s = random.uniform(self.for_s / 2, self.for_s)
        return Acted(1, "processes stopped", lasts_s, child.go_on)


FAULT = CliStopped()
