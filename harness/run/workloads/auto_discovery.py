"""Dashboards do nothing but be there: early, late, and when a session has no events at all."""

from __future__ import annotations

from harness.run.run import Run
from harness.run.workloads import COMMON
from harness.run.workloads._items import NOTED, second_half, well_begun


class AutoDiscoveryWorkload:
    """A1 to A6."""

    name = "auto-discovery"
    properties = (*COMMON, "A1", "A2", "A3", "A4", "A5", "A6")
    needs_pipe = True
    dashboards = ("A", "B", "C")

    def perform(self, run: Run) -> None:
        run.step("two dashboards open the page", "A1", "A5")
        a, b = run.open_dashboards("A", "B")
        run.screenshots("before", a, b)
        run.step("the documented task runs, a second session beside it, and one without events", "A2", "A3", "A6")
        empty = run.pipe("empty")
        beside = run.pipe("beside")
        beside.publish(well_begun())
        run.wait_routed(beside.session, len(well_begun()))  # the documented session is the newer one: pages show that
        main = run.do("main", run.main)
        empty.finish()
        main.finish()
        run.step("a third dashboard opens while the second session is active", "A4")
        run.open_dashboards("C")
        beside.publish(second_half(noted=NOTED))
        beside.finish()


WORKLOAD = AutoDiscoveryWorkload()
