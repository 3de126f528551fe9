"""Dashboards subscribe early, twice, late, to another session, to none that exists, and across a reload."""

from __future__ import annotations

from harness.run.run import Run
from harness.run.workloads import COMMON
from harness.run.workloads._items import NOTED, second_half, well_begun


class SubscriptionWorkload:
    """S1 to S6, and P6: who did not subscribe sees nothing."""

    name = "subscription"
    properties = (*COMMON, "P6", "P7", "S1", "S2", "S3", "S4", "S5", "S6")
    needs_pipe = True
    dashboards = ("A", "B", "C")

    def perform(self, run: Run) -> None:
        run.step("A and B subscribe, each to a session of its own, before it starts", "S1", "P6")
        beside_id = run.new_session()
        a, b, c = run.open_dashboards("A", "B", "C", sessions={"A": run.main, "B": beside_id})
        run.step("A subscribes a second time", "S2")
        run.subscribe(a, run.main)
        run.step("C asks for an unknown session", "S5")
        run.subscribe(c, "do_20000101_000000_00000000")
        run.screenshots("before", a, b)
        run.step("the documented task runs, and a second session beside it", "P1")
        beside = run.pipe("beside", beside_id)
        main = run.do("main", run.main)
        beside.publish(well_begun())
        run.wait_routed(beside.session, len(well_begun()))
        run.step("B reloads in the middle of its session", "S4", "P7")
        b.reload()
        run.step("C subscribes to the second session, late, and then switches to the first, which is over", "S3", "S6")
        run.subscribe(c, beside_id)
        main.finish()
        run.subscribe(c, run.main)
        beside.publish(second_half(noted=NOTED))
        beside.finish()


WORKLOAD = SubscriptionWorkload()
