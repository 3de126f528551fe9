"""The harness as pytest fixtures: `stack`, `run`, `dashboard`, `cli` and `ledger`, parametrised by strategy.

A scenario declares what it proves and whom it needs:

    @pytest.mark.proves("B3", dashboards="AC", strategies=["broadcast"])
    def test_a_late_dashboard_sees_later_events(run): ...

One warm stack is kept for each worker and strategy; every test has its own browser contexts, sessions and ledger.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import pytest

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

pytest_plugins = (
    "harness.pytest_plugin.target",
    "harness.pytest_plugin.allure",
    "harness.pytest_plugin.browser",
    "harness.pytest_plugin.scenario",
    "harness.pytest_plugin.verdict",
)


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker."""
    config.addinivalue_line(
        "markers",
        "proves(*properties, dashboards='A', strategies=None, routing=None, bound_ms=None): the properties that a "
        "scenario exercises, the labels of its dashboards, the strategies it runs under, how the server routes where "
        "that differs, and the latency that is allowed",
    )


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test that asks for a strategy, or for anything built on one, runs under each that its marker names."""
    if "strategy" in metafunc.fixturenames:
        marker = metafunc.definition.get_closest_marker("proves")
        wanted = marker.kwargs.get("strategies") if marker else None
        metafunc.parametrize("strategy", wanted or target_of(metafunc.config).strategies, scope="session")


@pytest.fixture(scope="session")
def harness_target(pytestconfig: pytest.Config) -> Target:
    """The system under test: that of --harness-target or harness_target, else the reference system."""
    return target_of(pytestconfig)


@pytest.fixture(scope="session")
def resources(pytestconfig: pytest.Config, engine: str, recording: Recording) -> Iterator[Resources]:
    """The browser and the hub of this worker, as pytest-playwright's options want them."""
    from harness.launch.resources import Resources

    headed, slow_mo_ms = pytestconfig.getoption("--headed"), pytestconfig.getoption("--slowmo")
    with Resources(headed, slow_mo_ms, engine, recording) as started:
        yield started


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
def stacks(harness_target: Target, resources: Resources) -> Iterator[Stacks]:
    """Every warm stack of this worker."""
    warm = Stacks(harness_target, resources)
    yield warm
    warm.close()


@pytest.fixture
def stack(request: pytest.FixtureRequest, stacks: Stacks, strategy: str) -> Stack:
    """Server and dashboard of the test's strategy."""
    marker = request.node.get_closest_marker("proves")
    with in_words():
        return stacks.get((marker.kwargs.get("routing") if marker else None) or strategy)


@pytest.fixture
def scenario(request: pytest.FixtureRequest, stack: Stack, strategy: str, tmp_path: Path) -> Iterator[Scenario]:
    """The run of this test with its verdict."""
    from harness.launch.stack import new_session_id
    from harness.run.run import Run
    from harness.verify import contract_for

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
