"""Each way of routing keeps its promises: the same workloads that `harness verify` performs."""

from __future__ import annotations

import pytest

from harness.pytest_plugin.fixtures import Scenario
from harness.run.workloads import workloads


@pytest.mark.proves("B1", "B2", "B3", "B4", "P1", "P5", "P9", "P16", dashboards="ABC", strategies=["broadcast"])
def test_broadcast_keeps_its_promises(scenario: Scenario) -> None:
    workloads()["broadcast"].perform(scenario.run)
    scenario.passes()


@pytest.mark.proves("S1", "S2", "S3", "S4", "S5", "S6", "P6", dashboards="ABC", strategies=["subscription"])
def test_subscription_keeps_its_promises(scenario: Scenario) -> None:
    workloads()["subscription"].perform(scenario.run)
    scenario.passes()


@pytest.mark.proves("A1", "A2", "A3", "A4", "A5", "A6", dashboards="ABC", strategies=["auto-discovery"])
def test_auto_discovery_keeps_its_promises(scenario: Scenario) -> None:
    workloads()["auto-discovery"].perform(scenario.run)
    scenario.passes()


@pytest.mark.proves("X1", "X2", "X3", "X4", "X5", dashboards="ABC", strategies=["single-session"])
def test_single_session_keeps_its_promises(scenario: Scenario) -> None:
    workloads()["single-session"].perform(scenario.run)
    scenario.passes()
