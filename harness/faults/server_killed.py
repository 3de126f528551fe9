"""The server is ended by SIGKILL, and started again at the same address a moment later."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from harness.faults import Injected
from harness.faults._lasting import Acted
from harness.faults.scene import Scene


@dataclass(frozen=True, slots=True)
class ServerKilled:
    """See the module."""

    for_s: float = 0.5
    name: str = "server-killed"
    does: str = "it is ended by SIGKILL, and started again a moment later"
    strikes: str = "server"

    def inject(self, system: Scene, random: Random) -> Injected:
        """Strike; how long it is away is up to `random`."""
        system.run.stop_server(kill=True)
        lasts_s = random.uniform(0, self.for_s)
        return Acted(1, "servers ended", lasts_s, system.run.start_server)


FAULT = ServerKilled()
