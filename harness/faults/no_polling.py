"""No polling request of a dashboard gets through for a while: WebSocket alone does."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from harness.faults import Injected
from harness.faults._lasting import without
from harness.faults.scene import Scene


@dataclass(frozen=True, slots=True)
class NoPolling:
    """See the module. `for_s` is the longest that it lasts."""

    for_s: float = 4.0
    name: str = "no-polling"
    does: str = "its connections are reset, and only WebSocket gets through for a while"
    strikes: str = "dashboard"

    def inject(self, system: Scene, random: Random) -> Injected:
        """Strike; how long it lasts is up to `random`."""
        return without(system.line, b"transport=polling", random.uniform(self.for_s / 2, self.for_s))


FAULT = NoPolling()
