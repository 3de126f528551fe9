"""A dashboard's clock jumps, as it does when a machine wakes up, or finds out what time it is."""

from __future__ import annotations

import contextlib
import time
from dataclasses import dataclass
from random import Random

from harness.faults import Effect, Injected
from harness.faults.scene import Scene
from harness.run.dashboard import Dashboard

JUMP = """ms => {
  const Real = Date;
  let asked = 0;
  const now = () => { asked += 1; return Real.now() + ms; };
  const Jumped = new Proxy(Real, {
    construct: (real, given, as) => Reflect.construct(real, given.length ? given : [now()], as === Jumped ? real : as),
    apply: () => new Real(now()).toString(),
    get: (real, name) => name === "now" ? now : Reflect.get(real, name),
  });
  globalThis.Date = Jumped;
  globalThis[Symbol.for("harness clock")] = () => { globalThis.Date = Real; return asked; };
}"""
"""Let the page's wall clock be so many ms ahead. What ticks (timers, frames, `performance.now()`) goes on as it did."""

BACK = """() => {
  const undo = globalThis[Symbol.for("harness clock")];
  delete globalThis[Symbol.for("harness clock")];
  return undo === undefined ? 0 : undo();
}"""


class Jumped:
    """A page whose clock is wrong. Its effect is how often the page asked for the time."""

    def __init__(self, dashboard: Dashboard, ms: float, lasts_s: float) -> None:
        self._dashboard, self.lasts_s, self._began = dashboard, lasts_s, time.monotonic()
        dashboard.page.evaluate(JUMP, ms)

    def heal(self) -> Effect:
        """The page's clock is right again."""
        asked = 0
        with contextlib.suppress(Exception):  # a page that is gone has its clock no more
            asked = self._dashboard.page.evaluate(BACK)
        return Effect(asked, time.monotonic() - self._began, "times that the page asked for the time")


@dataclass(frozen=True, slots=True)
class ClockJump:
    """See the module. `by_s` is how far it jumps at most, forward or back; `for_s` the longest that it is wrong."""

    for_s: float = 1.0
    by_s: float = 3000.0
    name: str = "clock-jump"
    does: str = "its clock is up to an hour fast or slow for a while, and then right again"
    strikes: str = "dashboard"
    idle: str = "its page did not ask for the time meanwhile"

    def inject(self, system: Scene, random: Random) -> Injected:
        """Strike; how far and how long is up to `random`."""
        ms = random.choice((-1, 1)) * random.uniform(self.by_s / 2, self.by_s) * 1000
        return Jumped(system.dashboard, ms, random.uniform(self.for_s / 2, self.for_s))


FAULT = ClockJump()
