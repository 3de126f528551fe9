"""What the servers share (Redis, a queue, a database) is ended by SIGKILL, and started again a moment later."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from harness.faults import Injected
from harness.faults._brokers import brokers
from harness.faults._lasting import Acted
from harness.faults.scene import Scene
from harness.run.faulting import start_process, stop_process
from harness.target.process import TargetError


@dataclass(frozen=True, slots=True)
class BrokerRestarted:
    """See the module. `for_s` is the longest that it is away."""

    for_s: float = 0.5
    name: str = "broker-restarted"
    does: str = "what servers or producers hang on is ended by SIGKILL, and started again a moment later"
    strikes: str = "server"
    needs: str = "a process beside the servers that they are told of"

    def inject(self, system: Scene, random: Random) -> Injected:
        """Strike; how long it is away is up to `random`. Raises TargetError where nothing of the kind is started."""
        run = system.run
        found = brokers(run.stack.target)
        if not found:
            raise TargetError(
                f"target {run.stack.target.name} starts no process whose address its servers or producers are told "
                "(`{NAME.port}` in a command): this fault has nothing to strike."
            )
        name = random.choice(found)
        stop_process(run, name)
        return Acted(1, f"processes ended ({name})", random.uniform(0, self.for_s), lambda: start_process(run, name))


FAULT = BrokerRestarted()
