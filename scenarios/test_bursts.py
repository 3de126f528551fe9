"""Many events: in one tick, spaced, over both transports, and to a page that is slow.

A fifth of each burst, and a tenth to the slow page; ten thousand in one tick, and the others whole, with
HARNESS_BURSTS=whole (`make test-bursts`).
"""

from __future__ import annotations

import os

import pytest

from harness.pytest_plugin.fixtures import Scenario
from harness.run.run import Run
from harness.run.workloads._items import Item

PART = 1 if os.environ.get("HARNESS_BURSTS") == "whole" else 5
BURST = 10_000 // PART
SLOW = 2_000 if PART == 1 else 200
"""To a page that takes ten times the processor for each."""


def burst(count: int) -> list[Item]:
    steps = [Item("step:done", {"step": number}) for number in range(count - 2)]
    return [Item("execution:started", {"task": "burst"}), *steps, Item("execution:completed", {"task": "burst"})]


@pytest.mark.proves("P1", "P2", "P3", "P9", dashboards="A", strategies=["broadcast"], bound_ms=120_000)
@pytest.mark.parametrize(("count", "window"), [(5_000 // PART, 50), (BURST, BURST)], ids=["spaced", "in one tick"])
def test_thousands_of_events_arrive_once_and_in_order(scenario: Scenario, count: int, window: int) -> None:
    run = scenario.run
    run.open_dashboards("A")
    session = run.pipe("main", run.main, window=window)
    session.publish(burst(count))
    assert session.finish() == 0
    judged = scenario.passes()
    assert set(judged.verdict.hops.values()) == {count}


@pytest.mark.proves(
    *("P1", "P2", "P3", "P9"), dashboards="A", strategies=["subscription", "auto-discovery", "single-session"],
    bound_ms=120_000,
)  # fmt: skip
def test_a_burst_arrives_under_every_other_strategy(run: Run) -> None:
    run.open_dashboards("A", sessions={"A": run.main} if run.contract.strategy == "subscription" else None)
    session = run.pipe("main", run.main, window=1_000)
    session.publish(burst(2_000 // PART))
    assert session.finish() == 0


@pytest.mark.proves("P1", "P2", "P3", dashboards="A", strategies=["broadcast"], bound_ms=120_000)
def test_a_burst_arrives_over_polling(scenario: Scenario) -> None:
    run = scenario.run
    run.open_dashboards("A", transport="polling")
    session = run.pipe("main", run.main, window=500)
    session.publish(burst(5_000 // PART))
    assert session.finish() == 0
    scenario.passes()


@pytest.mark.proves("P1", "P2", "P3", dashboards="AB", strategies=["broadcast"], bound_ms=120_000)
def test_a_slow_page_loses_nothing_and_delays_no_other(run: Run) -> None:
    slow, _ = run.open_dashboards("A", "B")
    slow.slow_down(10)
    session = run.pipe("main", run.main, window=200)
    session.publish(burst(SLOW))
    assert session.finish() == 0
