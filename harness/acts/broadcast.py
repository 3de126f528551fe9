"""Two dashboards from the beginning, two sessions at once, a third dashboard in the middle of the second session."""

from __future__ import annotations

from harness.acts import COMMON
from harness.run import Run
from harness.workload import first_half, second_half


class BroadcastAct:
    """B1 to B4."""

    name = "broadcast"
    properties = (*COMMON, "B1", "B2", "B3", "B4")
    dashboards = ("A", "B", "C")

    def perform(self, run: Run) -> None:
        run.act("two dashboards open the page", "B1", "B2")
        a, b = run.open_dashboards("A", "B")
        run.screenshots("before", a, b)
        run.act("the documented task runs, and a second session beside it", "P1", "B4")
        beside = run.pipe("beside")
        main = run.do("main", run.main)
        beside.publish(first_half())
        main.finish()
        run.act("a third dashboard opens in the middle of the second session", "B3")
        run.wait_routed(beside.session, 2)
        run.open_dashboards("C")
        beside.publish(second_half())
        beside.finish()


ACT = BroadcastAct()
