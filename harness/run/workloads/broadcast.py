"""Two dashboards from the beginning, two sessions at once, a third dashboard in the middle of the second session."""

from __future__ import annotations

from harness.run.run import Run
from harness.run.workloads import COMMON
from harness.run.workloads._items import NOTED, second_half, well_begun


class BroadcastWorkload:
    """B1 to B4."""

    name = "broadcast"
    properties = (*COMMON, "B1", "B2", "B3", "B4")
    needs_pipe = True
    dashboards = ("A", "B", "C")

    def perform(self, run: Run) -> None:
        run.step("two dashboards open the page", "B1", "B2")
        a, b = run.open_dashboards("A", "B")
        run.screenshots("before", a, b)
        run.step("the documented task runs, and a second session beside it", "P1", "B4")
        beside = run.pipe("beside")
        beside.publish(well_begun())
        run.wait_routed(beside.session, len(well_begun()))  # the documented session is the newer one: pages show that
        main = run.do("main", run.main)
        main.finish()
        run.step("a third dashboard opens in the middle of the second session", "B3")
        run.open_dashboards("C")
        beside.publish(second_half(noted=NOTED))
        beside.finish()


WORKLOAD = BroadcastWorkload()
