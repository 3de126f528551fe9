"""One of several servers is ended by SIGKILL, and started again at the same address a moment later."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from harness.faults import Injected
from harness.faults._lasting import Acted
from harness.faults.scene import Scene
from harness.run.faulting import start_process, stop_process
from harness.target.process import TargetError


@dataclass(frozen=True, slots=True)
class OneServerKilled:
    """See the module. `for_s` is the longest that it is away."""

    for_s: float = 0.5
    name: str = "one-server-killed"
    does: str = "one of several is ended by SIGKILL, and started again a moment later"
    strikes: str = "server"
    needs: str = "several servers"

    def inject(self, system: Scene, random: Random) -> Injected:
        """Strike; which one, and how long it is away, is up to `random`. Raises TargetError where there is but one."""
        run = system.run
        servers = run.stack.children.servers
        if len(servers) < 2:
            raise TargetError(
                f"target {run.stack.target.name} has one server that is started here: take server-killed."
            )
        name = random.choice(servers)
        stop_process(run, name)
        return Acted(1, f"servers ended ({name})", random.uniform(0, self.for_s), lambda: start_process(run, name))


FAULT = OneServerKilled()
