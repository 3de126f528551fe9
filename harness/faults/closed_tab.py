"""A dashboard's tab is closed and not opened again: the other dashboards must not be affected."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from harness.faults import Injected
from harness.faults._lasting import Acted
from harness.faults.scene import Scene
from harness.run.faulting import close_page


@dataclass(frozen=True, slots=True)
class ClosedTab:
    """See the module."""

    name: str = "closed-tab"
    does: str = "its tab is closed and stays closed"
    strikes: str = "dashboard"

    def inject(self, system: Scene, random: Random) -> Injected:  # noqa: ARG002  # nothing to choose
        """Strike."""
        close_page(system.run, system.dashboard)
        return Acted(1, "tabs closed")


FAULT = ClosedTab()
