"""Busy processes beside the system: what needs a processor has to wait for it."""

from __future__ import annotations

import os
import sys
from random import Random

from harness.faults import Effect, System
from harness.launch.processes import Child

BOUND_S = 120
"""A busy process ends by itself after so long, whatever becomes of the harness."""

SPIN = """
import sys, threading, time
until, told = time.monotonic() + float(sys.argv[1]), threading.Event()
threading.Thread(target=lambda: (sys.stdin.read(), told.set()), daemon=True).start()
while time.monotonic() < until and not told.is_set():
    sum(range(10_000))
print(f"spun {time.process_time()}", flush=True)
"""
"""Spins until its input is closed, which also the end of the harness does."""


class CpuStarvation:
    """One busy process, or up to one for each processor."""

    name = "cpu-starvation"
    does = "busy processes, from one to one for each processor"

    def inject(self, system: System, random: Random) -> Starved:
        """Start them."""
        return Starved(system, random.randint(1, os.cpu_count() or 1))


class Starved:
    """Busy processes that run."""

    def __init__(self, system: System, count: int) -> None:
        argv = [sys.executable, "-c", SPIN, str(BOUND_S)]
        logs = [system.folder / f"busy-{number}.out" for number in range(count)]
        self._children = [Child("busy process", argv, log=log, stdin=True) for log in logs]

    def heal(self) -> Effect:
        """Stop them; the effect is the processor time that they took by their own account."""
        for child in self._children:
            child.close_input()
        taken_s = [float(child.wait_line(r"^spun (\S+)$", 10)[1]) for child in self._children]
        for child in self._children:
            child.stop()
        return Effect(sum(each > 0 for each in taken_s), sum(taken_s), "busy processes")


FAULT = CpuStarvation()
