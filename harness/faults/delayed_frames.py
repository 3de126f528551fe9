"""A slow network: a relay in front of the server that hands every piece on later, in order, both ways.

It delays bytes as they come and knows no protocol: WebSocket frames and polling requests alike.
"""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from harness.faults import Effect, System
from harness.faults._relay import Relay

MOST_S = 0.12
"""The longest that one piece waits: three of them (a publish, a poll, its answer) are far below a latency of 2 s."""


@dataclass(frozen=True, slots=True)
class DelayedFrames:
    """Pages and CLIs that start while it is on meet the server through the relay. `most_s` is the longest delay."""

    most_s: float = MOST_S
    name: str = "delayed-frames"
    redirects: bool = True

    @property
    def does(self) -> str:
        """What it does, in a sentence."""
        return f"each piece between server, pages and CLIs is up to {self.most_s * 1000:.0f} ms late, in order"

    def inject(self, system: System, random: Random) -> Delayed:
        """Start the relay and send everyone to it. Each run has one typical delay of its own, and jitter around it."""
        typical_s = random.uniform(self.most_s / 8, self.most_s / 2)
        return Delayed(system, Relay(system.server_url, lambda: random.uniform(0, 2 * typical_s)))


class Delayed:
    """A relay that is on."""

    def __init__(self, system: System, relay: Relay) -> None:
        self._system, self._relay = system, relay
        system.redirect(relay.url)

    def heal(self) -> Effect:
        """End the relay, and with it the connections that go through it."""
        self._system.redirect(None)
        self._relay.close()
        return Effect(self._relay.count, self._relay.seconds, "frames held back")


FAULT = DelayedFrames()
