"""The documented run: what its CLI prints, and the two bugs that it could not tell apart."""

from __future__ import annotations

import pytest

from harness.model import Answer, Hop, Kind
from harness.pytest_plugin.fixtures import Scenario

DOCUMENTED = [
    "execution:started",
    "checkpoint:created",
    "skill:started",
    "skill:completed",
    "skill:started",
    "skill:completed",
    "checkpoint:created",
    "skill:started",
    "skill:completed",
    "execution:completed",
]


@pytest.mark.proves("P1", "P13", strategies=["broadcast"])
def test_the_cli_emits_ten_events_in_the_documented_order(scenario: Scenario) -> None:
    scenario.run.open_dashboards("A")
    assert scenario.run.do("main", scenario.run.main).finish() == 0
    judged = scenario.passes()
    assert [event.name for event in judged.evidence.sessions[scenario.run.main]] == DOCUMENTED
    assert set(judged.verdict.hops.values()) == {10}


@pytest.mark.proves(strategies=["broadcast"], routing="room-mismatch", dashboards="AB")
def test_an_empty_room_is_blamed_at_routed(scenario: Scenario) -> None:
    scenario.run.open_dashboards("A", "B")
    scenario.run.do("main", scenario.run.main).finish()
    verdict = scenario.judge().verdict
    assert verdict.answer is Answer.FAILED
    assert [verdict.hops[hop] for hop in Hop] == [10, 10, 10, 0, 0, 0, 0]
    assert (verdict.blame[0].hop, verdict.blame[0].cause) == (Hop.ROUTED, "room-mismatch")
    lost = {(o.key, o.dashboard) for o in verdict.outcomes if o.kind is Kind.LOST}
    assert len(lost) == 20, "ten events for each of two dashboards"


@pytest.mark.proves(strategies=["broadcast"], routing="room-mismatch", dashboards="A")
def test_events_owed_to_no_dashboard_are_unrouted_and_have_to_be_declared(scenario: Scenario) -> None:
    """R2: with no dashboard at all, no recipient is owed; that is a failure unless the run declares it."""
    scenario.run.do("main", scenario.run.main).finish()
    judged = scenario.judge()
    assert judged.verdict.answer is not Answer.PASSED
    assert {o.prop for o in judged.verdict.outcomes if o.kind is Kind.LOST} == {"R2"}
