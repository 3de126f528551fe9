"""A server that keeps only the newest events of a session, and says so to whom it can't give the older ones."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from playwright.sync_api import expect

from harness.launch.resources import Resources
from harness.launch.stack import Stack
from harness.model.facts import Notice
from harness.pytest_plugin.fixtures import Scenario
from harness.run.workloads._items import Item
from harness.target.spec import Target

KEPT = 3
STEPS = [Item("execution:started", {"task": "count"}), *(Item("step:done", {"step": number}) for number in range(6))]


@pytest.fixture
def stack(harness_target: Target, harness_resources: Resources, strategy: str) -> Iterator[Stack]:
    """A server with a short memory."""
    forgetful = replace(harness_target.serving_with("--journal-events", str(KEPT)), keeps=KEPT)
    with Stack(forgetful, strategy, harness_resources).start(lambda: harness_resources.browser) as started:
        yield started


@pytest.mark.proves("S6", "P1", dashboards="AB", strategies=["subscription"])
def test_a_journal_that_kept_too_little_is_told_on_the_page(scenario: Scenario) -> None:
    run = scenario.run
    [dashboard, _] = run.open_dashboards("A", "B", sessions={"B": run.main})
    session = run.pipe("main", run.main)
    session.publish(STEPS)
    run.wait_routed(run.main, len(STEPS))
    run.subscribe(dashboard, run.main)
    session.publish([Item("execution:completed", {"task": "count"})])
    assert session.finish() == 0
    gap = dashboard.page.get_by_test_id("gap")
    expect(gap).to_have_attribute("data-missed", str(len(STEPS) - KEPT))
    judged = scenario.passes()
    [told] = [fact for fact in judged.evidence.facts(Notice) if fact.body.name == "session:gap"]
    assert told.body.payload["session"] == run.main
