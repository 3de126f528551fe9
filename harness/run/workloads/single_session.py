"""Starts race, a holder is killed, the server restarts, and in the end the session is free again each time."""

from __future__ import annotations

from harness.run.run import Run
from harness.run.workloads import COMMON
from harness.run.workloads._items import NOTED, first_half, second_half, well_begun


class SingleSessionWorkload:
    """X1 to X5."""

    name = "single-session"
    properties = (*COMMON, "P7", "X1", "X2", "X3", "X4", "X5")
    needs_pipe = True
    dashboards = ("A", "B", "C")

    def perform(self, run: Run) -> None:
        run.step("two dashboards open the page", "X5")
        a, b = run.open_dashboards("A", "B")
        run.screenshots("before", a, b)
        run.step("the documented task runs alone", "P1")
        run.do("main", run.main).finish()
        run.step("two sessions start at once; one of them must win", "X1", "X2")
        racers = [run.pipe("racer-1"), run.pipe("racer-2")]
        holder = run.winner(racers)
        holder.publish(well_begun())
        run.wait_acknowledged(holder.session, len(well_begun()))
        run.step("a third dashboard opens while the holder is at work", "X3", "X5")
        (c,) = run.open_dashboards("C")
        holder.publish(second_half(noted=NOTED))
        holder.finish()
        run.step("a holder is killed, and the next one is let in when its lease is over", "X4")
        killed = run.winner([run.pipe("killed")])
        killed.publish(first_half())
        run.wait_acknowledged(killed.session, 2)
        killed.kill()
        heir = run.accepted("heir")
        heir.publish(well_begun())
        run.wait_acknowledged(heir.session, len(well_begun()))
        run.step("the server restarts under the holder, a dashboard reloads, and the session goes on", "X4", "P7")
        run.restart_server()
        c.reload()
        heir.publish(second_half(noted=NOTED))
        heir.finish()
        run.do("afterwards", run.new_session()).finish()


WORKLOAD = SingleSessionWorkload()
