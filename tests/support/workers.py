"""How the tests are shared out to xdist's workers: file by file, the long ones first; and a watch that it is so.

A file is the group: its fixtures (servers, browsers, runs of pytest) are made once. `--dist loadgroup` can't be had:
xdist 3.8.0 puts a test's group into `_nodeid`, which pytest 9.2.0 does not read any more, and every test is alone then,
silently. `--dist loadfile` goes by the test's name alone. It hands files out by their number of tests, or with
`--no-loadscope-reorder` in the order in which they are collected, which is what is changed here.
"""

from __future__ import annotations

import pytest

LONGEST = (
    "tests/reporting/test_page.py",
    "scenarios/test_bursts.py",
    "scenarios/test_coming_and_going.py",
    "tests/target/test_kitchen.py",
    "scenarios/test_producers.py",
    "tests/reporting/allure_results/test_report.py",
    "tests/judge/test_with_gaps.py",
    "tests/packaging/test_wheel.py",
    "tests/run/test_quiescence.py",
    "scenarios/test_each_strategy.py",
    "tests/systems/test_proxied_system.py",
    "tests/judge/test_altered_record.py",
    "tests/selftest/worlds/test_sample.py",
    "tests/systems/test_foreign_systems.py",
    "tests/selftest/test_defects.py",
    "tests/faults/test_promises.py",
    "tests/judge/test_columns_agree.py",
    "tests/taps/page/test_on_the_wire.py",
    "tests/test_foreign_packages.py",
    "tests/pytest_plugin/test_browser.py",
    "tests/taps/page/test_sight.py",
    "tests/taps/page/test_rows_seen.py",
    "tests/run/test_frameworks.py",
    "tests/selftest/test_soak.py",
    "tests/taps/node/test_harmless.py",
    "tests/taps/agent/test_hosts.py",
    "tests/reference/test_cli_publishes.py",
    "tests/systems/test_foreign_defects.py",
    "tests/run/test_broken_off.py",
    "tests/target/test_verdict.py",
    "tests/taps/wire/test_proxy.py",
    "tests/taps/agent/test_complete.py",
    "tests/taps/agent/test_harmless.py",
    "tests/reference/test_dashboard_page.py",
    "tests/record/test_ledger.py",
    "tests/systems/test_passes.py",
    "tests/pytest_plugin/test_scenario.py",
    "tests/live/test_watch.py",
    "tests/diagnosis/test_foreign_ledgers.py",
    "tests/systems/test_clinic.py",
    "tests/live/test_watch_page.py",
    "tests/archive/test_index_page.py",
    "tests/judge/test_any_history.py",
    "tests/systems/test_composed.py",
    "tests/judge/test_readings.py",
    "tests/test_import_graph.py",
    "scenarios/test_payloads.py",
    "tests/test_documentation.py",
    "tests/reference/test_cli_alone.py",
    "tests/reference/test_server_starts.py",
    "tests/commands/test_mcp.py",
    "tests/systems/test_fixed_addresses.py",
    "tests/pytest_plugin/test_verdict.py",
    "tests/faults/test_processes.py",
    "tests/taps/page/test_elsewhere.py",
    "tests/systems/test_verify_your_own.py",
    "tests/libraries/test_browser.py",
    "tests/pytest_plugin/test_interface.py",
    "tests/packaging/test_neighbours.py",
    "tests/lib/test_any_document.py",
    "tests/judge/test_repeatable.py",
    "tests/systems/test_newcomer.py",
    "tests/commands/test_malformed.py",
    "tests/taps/agent/test_versions.py",
    "tests/judge/test_altered_ledgers.py",
    "tests/judge/test_defect_ledgers.py",
    "tests/judge/test_any_anomaly.py",
    "tests/reference/test_cli_breaks.py",
    "tests/taps/agent/test_connections.py",
    "tests/reference/test_server_cluster.py",
    "tests/systems/test_development_server.py",
    "tests/taps/page/test_on_the_page.py",
    "tests/checks/test_workers.py",
    "tests/run/test_killed.py",
    "scenarios/test_documented_run.py",
    "tests/taps/page/test_beside.py",
)
"""The files that take longest (three seconds of the processor or more), the longest first.

One that comes last keeps a worker busy while the others idle. What waits for more than it computes counts as longer.
"""


def pytest_configure(config: pytest.Config) -> None:
    """Where workers report to."""
    if config.getoption("dist", "no") != "no" and not hasattr(config, "workerinput"):
        config.pluginmanager.register(Watch(), "one-worker-a-file")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """In a worker, the long files first; all workers order alike. Alone, tests run as they are written."""
    if hasattr(config, "workerinput"):
        rank = {file: number for number, file in enumerate(LONGEST)}
        items.sort(key=lambda item: rank.get(file_of(item.nodeid), len(rank)))


class Watch:
    """Ends the run as soon as tests of one file come from two workers; one that crashed leaves its files to others."""

    def __init__(self) -> None:
        self._worker_of: dict[str, str] = {}
        self._is_over = False

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, error: object) -> None:
        """From a crash on, files are taken over."""
        self._is_over |= error is not None

    @pytest.hookimpl
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """A worker tells of a test; a crash is told in the name of no worker."""
        worker, file = getattr(report, "worker_id", None), file_of(report.nodeid)
        if worker is None or self._is_over:
            return
        if (first := self._worker_of.setdefault(file, worker)) != worker:
            why = f"the tests of {file} run in {first} and in {worker}: their fixtures are made more than once"
            pytest.exit(f"{why}. Run them with --dist loadfile; does xdist keep a file's tests together?", returncode=4)


def file_of(node_id: str) -> str:
    return node_id.partition("::")[0]
