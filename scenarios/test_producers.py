"""CLIs that run side by side, die, say nothing, or come twice with one name."""

from __future__ import annotations

import pytest

from harness.model import Kind
from harness.model.facts import CliExited
from harness.pytest_plugin.fixtures import Scenario
from harness.run.run import Run
from harness.run.workloads._items import first_half, second_half

MANY = ["broadcast", "auto-discovery"]
"""Strategies under which several sessions are active at once and every dashboard sees them."""


@pytest.mark.proves("P1", "P3", dashboards="AB", strategies=MANY)
def test_two_sessions_at_once_reach_two_dashboards(run: Run) -> None:
    run.open_dashboards("A", "B")
    one, two = run.pipe("one", run.main), run.pipe("two")
    for half in (first_half(), second_half()):
        one.publish(half)
        two.publish(half)
    assert (one.finish(), two.finish()) == (0, 0)


@pytest.mark.proves("P1", dashboards="A", strategies=["broadcast", "auto-discovery", "single-session"])
def test_what_a_killed_cli_had_acknowledged_is_shown(scenario: Scenario) -> None:
    run = scenario.run
    run.open_dashboards("A")
    session = run.pipe("main", run.main)
    session.publish(first_half())
    run.wait_acknowledged(run.main, 2)
    session.kill()
    judged = scenario.passes()
    assert judged.verdict.hops == dict.fromkeys(judged.verdict.hops, 2)


@pytest.mark.proves("X4", dashboards="A", strategies=["single-session"])
def test_a_killed_holder_frees_the_session_when_its_lease_is_over(run: Run) -> None:
    run.open_dashboards("A")
    holder = run.winner([run.pipe("holder", run.main)])
    holder.publish(first_half())
    run.wait_acknowledged(run.main, 2)
    holder.kill()
    heir = run.accepted("heir")
    heir.publish([*first_half(), *second_half()])
    heir.finish()


@pytest.mark.proves("X1", "X2", "X3", dashboards="AB", strategies=["single-session"])
def test_a_second_session_is_rejected_at_once_and_disturbs_no_other(run: Run) -> None:
    run.open_dashboards("A", "B")
    holder = run.winner([run.pipe("holder", run.main)])
    holder.publish(first_half())
    loser = run.do("loser", run.new_session())
    assert loser.finish() != 0
    assert loser.errors is not None
    assert run.main in loser.errors.read_text(), "the loser is told who holds the session"
    holder.publish(second_half())
    assert holder.finish() == 0


@pytest.mark.proves("A6", dashboards="AB", strategies=["auto-discovery"])
def test_a_session_without_events_appears_and_ends(scenario: Scenario) -> None:
    run = scenario.run
    run.open_dashboards("A", "B")
    assert run.pipe("empty").finish() == 0
    run.do("main", run.main).finish()
    scenario.passes()


@pytest.mark.proves("P1", dashboards="A")
def test_a_session_id_is_not_given_twice(scenario: Scenario) -> None:
    run = scenario.run
    run.open_dashboards("A", sessions={"A": run.main} if run.contract.strategy == "subscription" else None)
    assert run.do("main", run.main).finish() == 0
    again = run.do("again", run.main)
    assert again.finish() != 0
    assert again.errors is not None
    assert "[session-exists]" in again.errors.read_text()
    judged = scenario.judge()
    assert not [o for o in judged.verdict.outcomes if o.kind is Kind.DUPLICATED and o.dashboard]
    assert judged.evidence.facts(CliExited, "cli:again")[0].body.status != 0
