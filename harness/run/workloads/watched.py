"""What is done with a system whose CLI takes no events from outside: dashboards watch it do one task."""

from __future__ import annotations

from dataclasses import dataclass

from harness.model import Hop
from harness.run.run import Run
from harness.run.workloads import COMMON
from harness.target.spec import Target

STRATEGY = {"broadcast": ("B1", "B2")}
"""What of a strategy's own properties one task can show; the others need more sessions, or late dashboards."""

NEEDED = {
    "P8": (Hop.DELIVERED, Hop.APPLIED),
    "P9": (Hop.RENDERED,),
    "P11": (Hop.RENDERED,),
    "P15": (Hop.RECEIVED,),
    "B1": (Hop.ROUTED,),
    "B2": (Hop.DELIVERED,),
}
"""The hops without which a property can't be demanded."""


@dataclass(frozen=True, slots=True)
class WatchedTask:
    """Two dashboards, one task, and the properties that can be shown with them."""

    name: str
    properties: tuple[str, ...]
    dashboards: tuple[str, ...]

    def perform(self, run: Run) -> None:
        target = run.stack.target
        run.step("dashboards open the page", *self.properties)
        chosen = dict.fromkeys(self.dashboards, run.main) if target.chooses_by_itself else None
        opened = run.open_dashboards(*self.dashboards, sessions=chosen)
        run.screenshots("before", *opened)
        run.step("the CLI does its task")
        run.do("main", run.main).finish()


def watched(target: Target, strategy: str, dashboards: tuple[str, ...] = ("A", "B")) -> WatchedTask:
    """The workload for a target."""
    demanded = (*COMMON, *STRATEGY.get(strategy, ()))
    return WatchedTask(strategy, tuple(prop for prop in demanded if _can_be_shown(prop, target)), dashboards)


def _can_be_shown(prop: str, target: Target) -> bool:
    if prop == "P13":
        return bool(target.terminal)
    if prop == "P15" and target.page.status is None:
        return False
    return all(hop in target.taps for hop in NEEDED.get(prop, ()))
