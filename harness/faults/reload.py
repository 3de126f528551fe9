"""A dashboard's page is reloaded while events come."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from harness.faults import Injected
from harness.faults._lasting import Acted
from harness.faults.scene import Scene


@dataclass(frozen=True, slots=True)
class Reload:
    """See the module."""

    name: str = "reload"
    does: str = "its page is reloaded"
    strikes: str = "dashboard"

    def inject(self, system: Scene, random: Random) -> Injected:  # noqa: ARG002  # nothing to choose
        """Strike."""
        system.dashboard.reload()
        return Acted(1, "pages reloaded")


FAULT = Reload()
