"""A part of a run that another party ends: the verdict says at once which one died, and by which signal."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Error

from harness.judging import Judged
from harness.launch import playwright_driver
from harness.launch.ends import running_in_group
from harness.launch.resources import Resources
from harness.launch.stack import Stack
from harness.locations import RUNS_SETTING
from harness.model import Answer, Aspect, Hop
from harness.reporting import sentences
from harness.run.run import Run
from harness.run.workloads._items import first_half, second_half
from harness.target.reference import reference
from harness.verify import perform

PATIENCE_S = 60.0
"""The run's own patience: what is told within a fraction of it was told at once."""


@dataclass(frozen=True)
class Killing:
    """One dashboard and one CLI, and in the middle of its events a signal to one part."""

    kill: Callable[[Run], None]
    name: str = "broadcast"
    properties: tuple[str, ...] = ("P1",)
    needs_pipe: bool = True
    dashboards: tuple[str, ...] = ("A",)

    def perform(self, run: Run) -> None:
        run.open_dashboards("A")
        cli = run.pipe("main", run.main)
        cli.publish(first_half())
        run.wait_routed(run.main, 2)
        self.kill(run)
        cli.publish(second_half())
        run.wait_routed(run.main, len(first_half()) + len(second_half()))
        cli.finish()


def of_the_cli(run: Run) -> int:
    return run.clis[0].child.pid


def of_the_server(run: Run) -> int:
    return run.stack.children.pid(run.stack.target.server.name)


def of_the_driver(run: Run) -> int:
    return int(playwright_driver._process().pid)


def launched_in(folder: Path | None) -> int:
    assert folder is not None
    return int(playwright_driver.LAUNCHED.findall((folder / playwright_driver.LOG).read_text())[-1])


def of_the_browser(run: Run) -> int:
    launched = launched_in(playwright_driver._DRIVERS.folder)
    children = Path(f"/proc/{launched}/task/{launched}/children").read_text().split()
    is_script = Path(f"/proc/{launched}/cmdline").read_bytes().startswith(b"/bin/sh\0")
    return int(children[0]) if is_script else launched


def performed(folder: Path, monkeypatch: pytest.MonkeyPatch, pid: Callable[[Run], int], number: int) -> Judged:
    monkeypatch.setenv(RUNS_SETTING, str(folder))
    target = reference()
    object.__setattr__(target, "run_s", PATIENCE_S)
    began = time.monotonic()
    with Resources() as resources, Stack(target, "broadcast", resources).start(lambda: resources.browser) as stack:
        workload = Killing(lambda run: os.kill(pid(run), number))
        judged = perform(stack, "broadcast", workload)
    assert time.monotonic() - began < PATIENCE_S / 2
    return judged


@pytest.mark.parametrize(
    ("pid", "number", "who"),
    [
        (of_the_cli, signal.SIGKILL, "cli:main"),
        (of_the_browser, signal.SIGKILL, "the browser"),
        (of_the_driver, signal.SIGKILL, "Playwright's driver"),
    ],
    ids=["cli", "browser", "driver"],
)
def test_the_verdict_says_which_part_died_and_accuses_none(
    pid: Callable[[Run], int], number: int, who: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    judged = performed(tmp_path, monkeypatch, pid, number)
    told = judged.verdict.unknowns[0]
    assert (told.finding.aspect, told.finding.party) == (Aspect.BROKEN_OFF, who), sentences.unknowns(judged.verdict)
    assert signal.Signals(number).name in sentences.unknown(told)
    if who != "cli:main":  # a session that its CLI left open is a finding of its own
        assert judged.verdict.answer is Answer.UNKNOWN, judged.verdict.outcomes


def test_a_server_that_died_is_the_cause_of_what_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    judged = performed(tmp_path, monkeypatch, of_the_server, signal.SIGKILL)
    assert judged.verdict.answer is Answer.FAILED
    assert judged.verdict.blame[0].cause == "server-ended"
    assert "ended by signal 9" in sentences.verdict(judged.verdict)


def wait_for_what_never_comes(run: Run) -> None:
    run.step("an event that was not sent is waited for")
    run._news._timeout_s = 1.0
    run.wait_routed(run.main, 99)


def test_a_step_that_can_not_be_done_is_named_and_what_came_by_then_is_judged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(RUNS_SETTING, str(tmp_path))
    with Resources() as resources, Stack(reference(), "broadcast", resources).start(lambda: resources.browser) as stack:
        judged = perform(stack, "broadcast", Killing(wait_for_what_never_comes))
    told = judged.verdict.unknowns[0]
    assert (told.finding.aspect, told.finding.other) == (
        Aspect.STEP_BLOCKED, "an event that was not sent is waited for",
    )  # fmt: skip
    assert "waited 1 s for 99 events" in sentences.unknown(told)
    assert judged.verdict.answer is not Answer.PASSED
    assert judged.verdict.hops[Hop.RENDERED] == len(first_half())


def test_a_driver_that_died_under_several_users_is_replaced_for_each() -> None:
    with Resources() as first, Resources() as second:
        pages = [each.browser.new_page() for each in (first, second)]
        os.kill(int(playwright_driver._process().pid), signal.SIGKILL)
        for page in pages:
            with pytest.raises(Error):
                page.title()
        for each in (second, first):
            assert each.browser.new_page().title() == ""


def test_a_browser_that_outlives_its_driver_is_ended_before_its_folder_is_removed() -> None:
    with Resources() as resources:
        page = resources.browser.new_page()
        folder = playwright_driver._DRIVERS.folder
        launched = launched_in(folder)
        os.killpg(launched, signal.SIGSTOP)  # by itself it can't end now
        os.kill(int(playwright_driver._process().pid), signal.SIGKILL)
        with pytest.raises(Error):
            page.title()
        assert resources.browser.new_page().title() == ""
    assert running_in_group(launched) == []
    assert folder is not None and not folder.exists()
