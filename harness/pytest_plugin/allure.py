"""What the harness adds to Allure's results while pytest runs: identity, standing, the crashed, a tally, the machine.

- `--clean-alluredir` cleans once, in the controller: a worker that xdist starts in place of a crashed one would wipe
  the results of all others.
- A test whose worker crashed leaves no result, so the controller writes one.
- Tests are told apart by their node id and the system under test: Allure's own ids are the same for tests whose
  parameters print alike, and for one scenario that is run against two systems.
- Their titles are words: a person reads them, and the name in the source is in the full name.
- Results of a project that has no scenarios are Allure's alone.
- `failed` is the product. What the harness or the machine broke, or could not see, is `broken`; a test that broke off
  because the product had failed, as its record says, is `failed`, and the verdict stands before its message.
"""

from __future__ import annotations

import json
import os
import platform
import time
import uuid
from collections.abc import Callable, Generator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from harness.pytest_plugin.scenario import SECTION
from harness.pytest_plugin.target import name_of

if TYPE_CHECKING:
    from allure_commons.model2 import TestResult

NAME = "harness-allure"


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Before Allure's own: only the controller cleans; results of this process pass through `Standing`."""
    folder = config.getoption("allure_report_dir", None)
    if folder is None:
        return
    is_worker = hasattr(config, "workerinput")
    if is_worker:
        config.option.clean_alluredir = False
    project = Project(bool(name_of(config)))
    config.pluginmanager.register(project, f"{NAME}-project")
    config.pluginmanager.register(standing := Standing(name_of(config), project), f"{NAME}-standing")
    config.add_cleanup(_listen(standing.settle))
    if not is_worker and not config.option.collectonly:
        config.pluginmanager.register(Controller(Path(folder).absolute(), config, project), f"{NAME}-controller")


class Project:
    """Whether these tests are of a project that uses the harness: a target file is given, or there are scenarios."""

    _TOLD = "harness_scenarios"

    def __init__(self, uses_harness: bool) -> None:
        self.uses_harness = uses_harness

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """All tests are here yet, also those that will be deselected."""
        self.uses_harness |= any(
            "harness_resources" in getattr(item, "fixturenames", ()) or item.get_closest_marker("proves") is not None
            for item in items
        )

    @pytest.hookimpl
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """A worker of xdist tells its controller, which collects nothing itself."""
        if hasattr(session.config, "workeroutput"):
            session.config.workeroutput[self._TOLD] = self.uses_harness

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """What a worker told at its end; one that crashed told nothing."""
        self.uses_harness |= getattr(node, "workeroutput", {}).get(self._TOLD, False)


class Standing:
    """Gives each result of this process its identity and its right status."""

    def __init__(self, system: str, project: Project) -> None:
        self._system, self._project = system, project
        self._node_id: str | None = None
        self._broke_in_setup = False
        self._recorded = ""

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, object, object]:
        """Know the test whose result is closed meanwhile."""
        self._node_id, self._broke_in_setup, self._recorded = item.nodeid, False, ""
        try:
            return (yield)
        finally:
            self._node_id = None

    @pytest.hookimpl
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """A test that could not be set up says nothing of the product; one that broke off may have a record."""
        self._broke_in_setup |= report.when == "setup" and report.failed
        self._recorded = dict(report.sections).get(SECTION, self._recorded)

    def settle(self, result: TestResult) -> None:
        """Change the result before it is written."""
        if self._node_id is None or not self._project.uses_harness:
            return
        from harness.reporting.allure_results import history_id, plain, title
        from harness.reporting.terminal import without_paths

        if result.name == plain(self._node_id).rpartition("::")[2]:  # or the test has a title of its own
            result.name = title(self._node_id)
        for label in result.labels:
            if label.name == "suite" and label.value.startswith("test_"):
                label.value = title(label.value)
        result.testCaseId = result.historyId = history_id(self._node_id, self._system)
        for parameter in result.parameters:
            parameter.excluded = True  # the node id has them; their text may hold an address and change every time
        verdicts = {label.value for label in result.labels if label.name == "verdict"}
        if result.status == "failed" and (self._broke_in_setup or "unknown" in verdicts):
            result.status = "broken"
        if result.statusDetails is not None:  # reports are read on other machines; the run's files are attached
            result.statusDetails.message = without_paths((result.statusDetails.message or "").removeprefix("Failed: "))
            result.statusDetails.trace = without_paths(result.statusDetails.trace or "")
        if self._recorded and result.statusDetails is not None:
            result.status = "failed"
            result.statusDetails.message = f"{self._recorded}\nthe test broke off:\n{result.statusDetails.message}"


def _listen(settle: Callable[[TestResult], None]) -> Callable[[], None]:
    """Have Allure show each result before it writes it; returns what ends that."""
    import allure_commons

    class Listener:
        @allure_commons.hookimpl(tryfirst=True)
        def report_result(self, result: TestResult) -> None:
            settle(result)

    listener = Listener()
    allure_commons.plugin_manager.register(listener)

    def stop() -> None:
        allure_commons.plugin_manager.unregister(listener)

    return stop


class Controller:
    """In the process that a person started: counts the tests, writes what a crashed worker could not."""

    def __init__(self, folder: Path, config: pytest.Config, project: Project) -> None:
        self._folder, self._config, self._system, self._project = folder, config, name_of(config), project
        self._tests: dict[str, tuple[str, int]] = {}
        self._crashed: list[dict[str, Any]] = []

    @pytest.hookimpl
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Count a test by its node id, with its place."""
        from harness.reporting.allure_results import plain

        file, line, _ = report.location
        self._tests.setdefault(plain(report.nodeid), (Path(file).as_posix(), (line or 0) + 1))

    @pytest.hookimpl(optionalhook=True)
    def pytest_handlecrashitem(self, crashitem: str, report: pytest.TestReport) -> None:
        """A worker died in this test."""
        from harness.reporting.allure_results import plain

        self._crashed.append(crashed(plain(crashitem), str(report.longrepr), self._system))

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self) -> None:
        """The results that crashed workers would have written, the tally, and what Allure shows of machine and job."""
        if not self._project.uses_harness:
            return
        self._folder.mkdir(parents=True, exist_ok=True)
        for result in self._crashed:
            self._write(f"{uuid.uuid4()}-result.json", result)
        self._write(f"{uuid.uuid4()}-tally.json", {"system": self._system, "tests": self._tests})
        lines = [f"{name} = {value}" for name, value in environment(self._config).items()]
        (self._folder / "environment.properties").write_text("\n".join(lines) + "\n", "utf-8")
        self._write("executor.json", executor(os.environ))

    def _write(self, name: str, data: Any) -> None:
        (self._folder / name).write_text(json.dumps(data, ensure_ascii=False) + "\n", "utf-8")


def crashed(node_id: str, message: str, system: str = "") -> dict[str, Any]:
    """The result of a test whose process died: broken, at this moment."""
    from harness.reporting.allure_results import history_id, title

    now_ms = time.time_ns() // 1_000_000
    file, _, rest = node_id.partition("::")
    module = file.removesuffix(".py").replace("/", ".")
    return {
        "uuid": str(uuid.uuid4()),
        "historyId": history_id(node_id, system),
        "testCaseId": history_id(node_id, system),
        "fullName": f"{module}#{rest.replace('::', '.')}",
        "name": title(node_id),
        "status": "broken",
        "statusDetails": {"message": message or "the worker that ran this test crashed"},
        "start": now_ms,
        "stop": now_ms,
        "labels": [
            {"name": "suite", "value": module},
            {"name": "tag", "value": "crashed"},
            {"name": "framework", "value": "pytest"},
        ],
    }


def environment(config: pytest.Config) -> dict[str, str]:
    """What Allure's page shows of the machine, in the words of `harness doctor`."""
    from importlib.metadata import version

    from harness import __version__
    from harness.launch.browser import BrowserMissing, find_browser

    try:
        browser = find_browser().name
    except BrowserMissing:
        browser = "none"
    workers = getattr(config.option, "numprocesses", None)
    return {
        "harness": __version__,
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.release()} ({platform.machine()})",
        "browser": browser,
        **{name: version(name) for name in ("playwright", "python-socketio", "pytest")},
        "workers": str(workers or 1),
    }


def executor(environ: Mapping[str, str]) -> dict[str, str]:
    """Who ran the tests, in Allure's form: a GitHub or GitLab job with its address, or a person's machine."""
    if environ.get("GITHUB_ACTIONS") == "true":
        run = "{GITHUB_SERVER_URL}/{GITHUB_REPOSITORY}/actions/runs/{GITHUB_RUN_ID}".format_map(environ)
        name = f"{environ['GITHUB_WORKFLOW']} #{environ['GITHUB_RUN_NUMBER']}"
        return {"name": "GitHub Actions", "type": "github", "buildName": name, "buildUrl": run}
    if environ.get("GITLAB_CI") == "true":
        name = f"{environ['CI_JOB_NAME']} #{environ['CI_PIPELINE_IID']}"
        return {"name": "GitLab CI", "type": "gitlab", "buildName": name, "buildUrl": environ["CI_JOB_URL"]}
    return {"name": "by hand", "type": "local", "buildName": "local run"}
