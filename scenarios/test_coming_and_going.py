"""Dashboards that come late, reload, and see the server go and come back."""

from __future__ import annotations

import pytest

from harness.run.run import Run
from harness.run.workloads._items import first_half, second_half

FOLLOWING = ["broadcast", "auto-discovery", "single-session"]
"""Strategies under which a dashboard follows sessions without being told to."""


@pytest.mark.proves("P1", dashboards="AB", strategies=FOLLOWING)
def test_a_dashboard_that_comes_in_the_middle_has_the_whole_session(run: Run) -> None:
    run.open_dashboards("A")
    session = run.pipe("main", run.main)
    session.publish(first_half())
    run.wait_routed(run.main, 2)
    run.open_dashboards("B")
    session.publish(second_half())
    session.finish()


@pytest.mark.proves("P1", "P7", dashboards="A")
def test_a_reload_in_the_middle_loses_nothing(run: Run) -> None:
    [dashboard] = run.open_dashboards(
        "A", sessions={"A": run.main} if run.contract.strategy == "subscription" else None
    )
    session = run.pipe("main", run.main)
    session.publish(first_half())
    run.wait_routed(run.main, 2)
    dashboard.reload()
    session.publish(second_half())
    session.finish()


@pytest.mark.proves("P1", dashboards="A")
def test_a_reload_after_the_end_still_shows_the_session(run: Run) -> None:
    [dashboard] = run.open_dashboards(
        "A", sessions={"A": run.main} if run.contract.strategy == "subscription" else None
    )
    run.do("main", run.main).finish()
    dashboard.reload()


@pytest.mark.proves("P1", "P7", dashboards="AB")
def test_a_server_that_restarts_in_the_middle_loses_nothing(run: Run) -> None:
    wanted = {"A": run.main, "B": run.main} if run.contract.strategy == "subscription" else None
    run.open_dashboards("A", "B", sessions=wanted)
    session = run.pipe("main", run.main)
    session.publish(first_half())
    run.wait_acknowledged(run.main, 2)
    run.restart_server()
    session.publish(second_half())
    assert session.finish() == 0


@pytest.mark.proves("S6", "P1", dashboards="A", strategies=["subscription"])
def test_subscribing_after_the_start_replays_what_was_missed(run: Run) -> None:
    [dashboard] = run.open_dashboards("A")
    session = run.pipe("main", run.main)
    session.publish(first_half())
    run.wait_routed(run.main, 2)
    run.subscribe(dashboard, run.main)
    session.publish(second_half())
    session.finish()


@pytest.mark.proves("P6", "S1", dashboards="AB", strategies=["subscription"])
def test_a_dashboard_sees_no_session_that_it_did_not_ask_for(run: Run) -> None:
    other = run.new_session()
    run.open_dashboards("A", "B", sessions={"A": run.main, "B": other})
    mine, theirs = run.pipe("main", run.main), run.pipe("other", other)
    for session in (mine, theirs):
        session.publish(first_half())
        session.publish(second_half())
        session.finish()
