"""The harness as pytest fixtures: `stack`, `run`, `dashboard`, `cli`, `ledger` and more (docs/in-pytest.md).

A scenario declares what it proves and whom it needs:

    @pytest.mark.proves("B3", dashboards="AC", strategies=["broadcast"])
    def test_a_late_dashboard_sees_later_events(run): ...

One warm stack is kept for each worker and strategy; every test has its own browser contexts, sessions and ledger.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import pytest

from harness.pytest_plugin.browser import option
from harness.pytest_plugin.scenario import Scenario as Scenario
from harness.pytest_plugin.scenario import in_words
from harness.pytest_plugin.target import target_of

if TYPE_CHECKING:
    from harness.launch.recordings import Recording
    from harness.launch.resources import Resources
    from harness.launch.stack import Stack
    from harness.record.evidence import Evidence
    from harness.run.dashboard import Dashboard
    from harness.run.producer import Cli
    from harness.run.run import Run
    from harness.target.spec import Target


def pytest_addhooks(pluginmanager: pytest.PytestPluginManager) -> None:
    """Register the other parts, before options are asked for.

    By `pytest_plugins` pytest would import them itself, and complain that they are imported already.
    """
    for part in ("target", "allure", "browser", "scenario", "verdict"):
        name = f"harness.pytest_plugin.{part}"
        pluginmanager.register(importlib.import_module(name), name)


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker."""
    config.addinivalue_line(
        "markers",
        "proves(*properties, dashboards='A', strategies=None, routing=None, bound_ms=None): the properties that a "
        "scenario exercises, the labels of its dashboards, the strategies it runs under, how the server routes where "
        "that differs, and the latency that is allowed",
    )


@pytest.hookimpl(trylast=True)
def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test that asks for the harness's `strategy`, or for anything built on it, runs under each of its strategies.

    A `strategy` of the project's own is the project's: a fixture that overrides this one, or parameters of that name,
    given by a mark (pytest then leaves this one out) or by another plugin or conftest.
    """
    is_given = any("strategy" in call.params for call in metafunc._calls)
    if "harness_strategy" in metafunc.fixturenames and not is_given:
        marker = metafunc.definition.get_closest_marker("proves")
        wanted = marker.kwargs.get("strategies") if marker else None
        strategies = wanted or target_of(metafunc.config).strategies
        metafunc.parametrize("harness_strategy", strategies, scope="session", indirect=True)


@pytest.fixture(scope="session")
def harness_strategy(request: pytest.FixtureRequest) -> str:
    """Its own name tells that the `strategy` of a test is this plugin's."""
    return str(request.param)


@pytest.fixture(scope="session")
def strategy(harness_strategy: str) -> str:
    """The strategy that this test runs under, one of those that the marker or the target names."""
    return harness_strategy


@pytest.fixture(scope="session")
def harness_target(pytestconfig: pytest.Config) -> Target:
    """The system under test: that of --harness-target or harness_target, else the reference system."""
    return target_of(pytestconfig)


@pytest.fixture(scope="session")
def harness_resources(
    request: pytest.FixtureRequest, harness_engine: str, harness_recording: Recording
) -> Iterator[Resources]:
    """The browser and the hub of this worker, as pytest-playwright's options want them, and on its Playwright."""
    from harness.launch.resources import Resources

    headed, slow_mo_ms = option(request.config, "--headed"), option(request.config, "--slowmo")
    running = request.getfixturevalue("playwright") if request.config.pluginmanager.has_plugin("playwright") else None
    with Resources(headed, slow_mo_ms, harness_engine, harness_recording, running) as started:
        yield started


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    """Only in tests that use Playwright, ours or pytest-playwright's, its loop is the thread's: others have theirs."""
    if "playwright" in sys.modules:
        from harness.launch import playwright_driver

        if {"harness_resources", "playwright"}.intersection(getattr(item, "fixturenames", ())):
            playwright_driver.resume()
        else:
            playwright_driver.park()
    return (yield)


class Stacks:
    """The warm stacks of a worker, one for each way of routing."""

    def __init__(self, target: Target, resources: Resources) -> None:
        self._target, self._machine = target, resources
        self._warm: dict[str, Stack] = {}

    def get(self, routing: str) -> Stack:
        """The warm stack, started when it is first asked for, and again when a test left it in a state of its own."""
        from harness.launch.stack import Stack

        stack = self._warm.get(routing)
        if stack is not None and stack.is_spoiled:
            stack.close()
            stack = None
        if stack is None:
            stack = Stack(self._target, routing, self._machine).start(lambda: self._machine.browser)
            self._warm[routing] = stack
        return stack

    def close(self) -> None:
        """Stop every stack."""
        for stack in self._warm.values():
            stack.close()


@pytest.fixture(scope="session")
def harness_stacks(harness_target: Target, harness_resources: Resources) -> Iterator[Stacks]:
    """Every warm stack of this worker."""
    warm = Stacks(harness_target, harness_resources)
    yield warm
    warm.close()


@pytest.fixture
def stack(request: pytest.FixtureRequest, harness_stacks: Stacks, strategy: str) -> Stack:
    """Server and dashboard of the test's strategy."""
    marker = request.node.get_closest_marker("proves")
    with in_words():
        return harness_stacks.get((marker.kwargs.get("routing") if marker else None) or strategy)


@pytest.fixture
def scenario(request: pytest.FixtureRequest, stack: Stack, strategy: str, tmp_path: Path) -> Iterator[Scenario]:
    """The run of this test with its verdict."""
    from harness.run.contract import contract_for
    from harness.run.run import Run
    from harness.run.session_id import new_session_id

    marker = request.node.get_closest_marker("proves")
    if marker is None:
        pytest.fail('a scenario says what it proves: @pytest.mark.proves("P1", dashboards="A")', pytrace=False)
    options = {"dashboards": "A", "bound_ms": stack.target.bound_ms, **marker.kwargs}
    contract = contract_for(stack.target, strategy, new_session_id(), marker.args, options["dashboards"])
    run = Run(stack, replace(contract, bound_ms=options["bound_ms"]), tmp_path / "run", timeout_s=120)
    found = Scenario(run)
    try:
        yield found
    finally:
        failed = request.node.stash.get(_FAILED, True)
        try:
            if failed:
                found.picture_the_failure()
        finally:
            run.close()
            found.hand_over(request.config, request.node.nodeid, failed)


_FAILED = pytest.StashKey[bool]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """Remember how the call went: what is kept of a run depends on it."""
    report = cast("pytest.TestReport", (yield))
    if report.when == "call":
        item.stash[_FAILED] = report.failed
    return report  # type: ignore[return-value]  # a wrapper hook returns what it wraps


@pytest.fixture
def run(scenario: Scenario) -> Run:
    """The run that this test drives. Unless the test judges it itself, it must pass in the end."""
    return scenario.run


@pytest.fixture
def dashboard(run: Run) -> Callable[..., Dashboard]:
    """Opens one dashboard and waits until it is connected: `dashboard("A")`."""

    def open_one(label: str = "A", **options: Any) -> Dashboard:
        if run.stack.target.chooses_by_itself:
            options.setdefault("sessions", {label: run.main})
        return run.open_dashboards(label, **options)[0]

    return open_one


@pytest.fixture
def cli(run: Run) -> Callable[..., Cli]:
    """Starts the CLI on the documented task: `cli().finish()`."""
    return lambda label="main", session=None: run.do(label, session or run.main)


@pytest.fixture
def ledger(scenario: Scenario) -> Callable[[], Evidence]:
    """The evidence of the run, after it was proven quiet: `ledger().facts(…)`."""
    return lambda: scenario.judge().evidence
