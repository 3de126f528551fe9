"""A disk that is busy: every line that a process prints waits before it is kept, and its process waits with it."""

from __future__ import annotations

import threading
import time
from random import Random

from harness.faults import Effect, System

MOST_S = 0.03
"""The longest that one write waits."""


class SlowLogs:
    """Every write to a log waits, up to MOST_S."""

    name = "slow-logs"
    does = f"every line that a process prints takes up to {MOST_S * 1000:.0f} ms until it is kept"

    def inject(self, system: System, random: Random) -> Slowed:
        """Let the writes wait from now on."""
        return Slowed(system, random)


class Slowed:
    """Logs that are slow."""

    def __init__(self, system: System, random: Random) -> None:
        self._system, self._random = system, random
        self._healed, self._lock = threading.Event(), threading.Lock()
        self._count, self._seconds = 0, 0.0
        system.before_log_write = self._wait

    def _wait(self) -> None:
        began = time.monotonic()
        self._healed.wait(self._random.uniform(0, MOST_S))
        with self._lock:
            self._count += 1
            self._seconds += time.monotonic() - began

    def heal(self) -> Effect:
        """Let go of what waits."""
        self._system.before_log_write = lambda: None
        self._healed.set()
        with self._lock:
            return Effect(self._count, self._seconds, "log lines held back")


FAULT = SlowLogs()
