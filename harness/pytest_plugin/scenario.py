"""A run that a test drives: its verdict, what the record says when the test breaks off, and errors in plain words."""

from __future__ import annotations

import contextlib
from collections.abc import Generator, Iterator
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

import pytest

from harness.pytest_plugin.browser import keep
from harness.pytest_plugin.message import explain

if TYPE_CHECKING:
    from harness.judging import Judged
    from harness.run.run import Run

PACKAGE = Path(__file__).parents[1]
SECTION = "what the record says"
"""The section of a test's report that holds the verdict on what a test did before it broke off."""
_TOLD = pytest.StashKey[str]()


class Scenario:
    """A run that a test drives, and its verdict when the test asks for it."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self._judged: Judged | None = None
        self._is_pictured = False
        self._is_handed_over = False

    @property
    def is_judged(self) -> bool:
        return self._judged is not None

    def judge(self) -> Judged:
        """Prove that all is quiet, close the run, and judge its ledger. The first call decides."""
        if self._judged is None:
            self._judged = self._judge()
        return self._judged

    def _judge(self) -> Judged:
        from harness.judging import judge_folder, write_reports
        from harness.model import Answer

        self.run.settle()
        self.run.screenshots("after", *self.run.dashboards.values())
        self.run.close()
        judged = judge_folder(self.run.folder, report=False)
        if judged.verdict.answer is not Answer.PASSED:
            judged = write_reports(judged)
        return judged

    def picture_the_failure(self) -> None:
        """Each dashboard that is still open, as it is when the test breaks off; one that can't be pictured is left."""
        from playwright.sync_api import Error

        if not self.is_judged and not self._is_pictured:
            self._is_pictured = True
            with contextlib.suppress(Error):
                self.run.screenshots("failed", *self.run.dashboards.values())

    def passes(self) -> Judged:
        """The run kept every promise; the failure message is the verdict."""
        from harness.model import Answer

        judged = self.judge()
        if judged.verdict.answer is not Answer.PASSED:
            pytest.fail(explain(judged.verdict, judged.folder), pytrace=False)
        return judged

    def broke_off(self) -> str:
        """What the record says of a test that failed by an error of its own: the verdict, where it is a failure.

        Nothing is said where nothing was emitted, or while a CLI is at work: its end would be the harness's doing.
        """
        from harness.model import Answer

        self.picture_the_failure()
        clis = self.run.clis
        if not clis or any(cli.exit_status is None and cli.child.status is None for cli in clis):
            return ""
        try:
            judged = self._judge()
        except Exception as error:  # noqa: BLE001  # the test's own error is what matters, and it is told already
            return f"no verdict: {error}"
        if judged.verdict.answer is not Answer.FAILED:
            return ""
        self._judged = judged
        return explain(judged.verdict, judged.folder)

    def hand_over(self, config: pytest.Config, node_id: str, failed: bool) -> None:
        """Keep what the options want of a closed run, and give Allure its steps and files. Again does nothing."""
        if self._is_handed_over:
            return
        self._is_handed_over = True
        keep(config, node_id, self.run.folder, failed)
        if not config.getoption("allure_report_dir", None):
            return
        from harness.reporting.allure import attach_files, attach_run, label

        if self._judged is None:
            label(self.run.contract)
            attach_files(self.run.folder)
        else:
            attach_run(self._judged.evidence, self._judged.verdict, self._judged.folder)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    """A scenario that did not ask for its verdict must pass: judged as part of the test, a failure is the test's."""
    found = getattr(item, "funcargs", {}).get("scenario")
    scenario = found if isinstance(found, Scenario) else None
    failed = True
    try:
        result = yield
        if scenario is not None and not scenario.is_judged:
            scenario.passes()
        failed = False
    except (Exception, pytest.fail.Exception):
        if scenario is not None and not scenario.is_judged:
            item.stash[_TOLD] = scenario.broke_off()
        raise
    finally:
        if scenario is not None and scenario.is_judged:  # now: Allure shows what comes later as part of the tear-down
            scenario.hand_over(item.config, item.nodeid, failed)
    return result


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """An error of the harness's is shown at the line of the test that met it: the frames after it are of no help.

    After the error of a test that broke off stands what its record says.
    """
    error = None if call.excinfo is None else call.excinfo.value
    if call.when == "call" and error is not None and _is_ours(error) and not item.config.getoption("fulltrace"):
        call.excinfo = pytest.ExceptionInfo.from_exception(error.with_traceback(_without_ours(error.__traceback__)))
    report = yield
    if call.when == "call" and (told := item.stash.get(_TOLD, "")):
        report.sections.append((SECTION, told))
    return report


@contextlib.contextmanager
def in_words() -> Iterator[None]:
    """What keeps a machine or a system from starting is told in its own words: no test has a line for it."""
    from harness.launch.browser import BrowserMissing
    from harness.launch.processes import ProcessError

    try:
        yield
    except (BrowserMissing, ProcessError) as error:
        raise pytest.fail.Exception(str(error), pytrace=False) from None


def _is_ours(error: BaseException) -> bool:
    return type(error).__module__.partition(".")[0] == PACKAGE.name


def _without_ours(trace: TracebackType | None) -> TracebackType | None:
    """The same traceback without the frames of this package."""
    if trace is None:
        return None
    rest = _without_ours(trace.tb_next)
    if Path(trace.tb_frame.f_code.co_filename).is_relative_to(PACKAGE):
        return rest
    return TracebackType(rest, trace.tb_frame, trace.tb_lasti, trace.tb_lineno)
