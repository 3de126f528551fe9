"""Nothing but polling gets through to a dashboard for a while, as through a proxy that knows no WebSocket."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from harness.faults import Injected
from harness.faults._lasting import without
from harness.faults.scene import Scene


@dataclass(frozen=True, slots=True)
class NoWebSocket:
    """See the module. `for_s` is the longest that it lasts."""

    for_s: float = 4.0
    name: str = "no-websocket"
    does: str = "its connections are reset, and only polling gets through for a while"
    strikes: str = "dashboard"

    def inject(self, system: Scene, random: Random) -> Injected:
        """Strike; how long it lasts is up to `random`."""
        return without(system.line, b"upgrade: websocket", random.uniform(self.for_s / 2, self.for_s))


FAULT = NoWebSocket()
