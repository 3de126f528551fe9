"""The CLI is killed in the middle of its work."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from harness.faults import Injected
from harness.faults._lasting import Acted
from harness.faults.scene import Scene


@dataclass(frozen=True, slots=True)
class CliKilled:
    """See the module."""

    name: str = "cli-killed"
    does: str = "it is ended by SIGKILL"
    strikes: str = "cli"

    def inject(self, system: Scene, random: Random) -> Injected:  # noqa: ARG002  # nothing to choose
        """Strike."""
        system.own_cli.kill()
        return Acted(1, "CLIs killed")


FAULT = CliKilled()
