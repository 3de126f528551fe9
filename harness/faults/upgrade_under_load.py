"""A dashboard comes back by polling, and changes to WebSocket while events pour in."""

from __future__ import annotations

from dataclasses import dataclass, replace
from random import Random

from harness.faults import Effect, Injected
from harness.faults._lasting import OnLine
from harness.faults._relay import Condition, Relay
from harness.faults.scene import Scene

WEBSOCKET = b"upgrade: websocket"

OF_A_CONNECTION = b"sid="
"""In the query of a request that belongs to a connection: such a WebSocket is its upgrade."""


class Upgrading(OnLine):
    """A line that lets a connection begin by polling alone; its effect is the upgrades that came to be."""

    def __init__(self, line: Relay, lasts_s: float) -> None:
        self._let_before = line.let_through
        super().__init__(line, Condition(rejects=WEBSOCKET, unless=OF_A_CONNECTION), lasts_s, "upgrades under load")
        line.cut()

    def heal(self) -> Effect:
        """The line is as it was."""
        return replace(super().heal(), count=self.upgrades)

    @property
    def upgrades(self) -> int:
        """How many there were so far."""
        return self._line.let_through - self._let_before

    @property
    def wants_load(self) -> bool:
        """Whether more is to be published: no upgrade is through yet."""
        return not self.upgrades


@dataclass(frozen=True, slots=True)
class UpgradeUnderLoad:
    """See the module. `for_s` is the longest that it waits for the upgrade."""

    for_s: float = 4.0
    name: str = "upgrade-under-load"
    does: str = "it comes back by polling, and changes to WebSocket while events pour in"
    strikes: str = "dashboard"
    transport: str = "polling,websocket"
    """How pages begin that can be told: one that begins by WebSocket has nothing to upgrade."""

    def inject(self, system: Scene, random: Random) -> Injected:
        """Strike; how long it lasts is up to `random`."""
        return Upgrading(system.line, random.uniform(self.for_s / 2, self.for_s))


FAULT = UpgradeUnderLoad()
