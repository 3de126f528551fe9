"""One world played: built, run under the harness by its target file alone, its truth checked, and then judged."""

from __future__ import annotations

import shutil
import time
from dataclasses import dataclass
from pathlib import Path

from harness.judging import judge_folder
from harness.launch.resources import Resources
from harness.launch.stack import Stack
from harness.lib.closing import Closing
from harness.model import Verdict
from harness.run.contract import contract_for
from harness.run.run import Run
from harness.run.session_id import new_session_id
from harness.run.waiting import RunError
from harness.run.workloads.watched import STRANGER
from harness.selftest.worlds.build import build
from harness.selftest.worlds.diaries import read
from harness.selftest.worlds.draw import World
from harness.selftest.worlds.oracle import deeds
from harness.selftest.worlds.truth import Truth, check
from harness.target.file import load
from harness.verify import workload_for

OWN_DIARY = "[globalThis.worldDiary?.name ?? '', globalThis.worldDiary?.lines ?? 0]"
"""What a page calls itself, and how many lines its diary has."""

DIARY_S = 5.0
"""How long the last lines of a page's diary may take to its server."""


@dataclass(frozen=True, slots=True)
class Played:
    """What is true of a world, and what the harness said."""

    truth: Truth
    verdict: Verdict
    pages: dict[str, str]
    """Dashboard to the name that its page gave itself."""
    folder: Path
    seconds: float


class Player(Closing):
    """Plays worlds one after the other with one warm browser."""

    def __init__(self) -> None:
        self._resources = Resources()

    def play(self, world: World, folder: Path) -> Played:
        """Play a world in its folder, which holds its files, its diaries and its run afterwards."""
        started = time.monotonic()
        for name in ("run", "diary"):
            shutil.rmtree(folder / name, ignore_errors=True)
        target = load(build(world, folder))
        run_folder = folder / "run"
        run_folder.mkdir(parents=True)
        with Stack(target, world.parts.contract, self._resources).start(lambda: self._resources.browser) as stack:
            pages, status = _record(stack, world, run_folder, folder / "diary")
        parts = world.parts
        stranger = f"page-{pages.pop(STRANGER, '')}"  # owed nothing, whatever it is given
        lines = [entry for entry in read(folder / "diary") if entry.part != stranger]
        found = deeds(lines, world.script, parts.view, parts.direction == "prepend")
        truth = check(world, found, status)
        judged = judge_folder(run_folder, time.monotonic() - started, report=False)
        return Played(truth, judged.verdict, pages, run_folder, time.monotonic() - started)

    def close(self) -> None:
        """Stop the browser."""
        self._resources.close()


def _record(stack: Stack, world: World, run_folder: Path, diary: Path) -> tuple[dict[str, str], int]:
    """Record the run, and wait until the diaries are whole. The pages' own names, and the producer's exit status."""
    session, target = new_session_id(), stack.target
    workload = workload_for(target, world.parts.contract)
    contract = contract_for(
        *(target, world.parts.contract, session, workload.properties, workload.dashboards, target.declared)
    )
    with Run(stack, contract, run_folder, target.run_s) as run:
        try:
            workload.perform(run)
        except RunError as error:
            run.step(f"the workload could not go on: {str(error).splitlines()[0]}")
        run.end_clis()
        run.settle()
        pages = {}
        for label, dashboard in run.dashboards.items():
            name, lines = dashboard.page.evaluate(OWN_DIARY)
            pages[label] = name
            _wait_lines(diary / f"page-{name}.tsv", lines)
        status = run.clis[0].exit_status if run.clis else 0
    return pages, status or 0


def _wait_lines(file: Path, lines: int) -> None:
    """Wait until a page's diary has all that the page wrote into it."""
    deadline = time.monotonic() + DIARY_S
    while time.monotonic() < deadline:
        if file.exists() and file.read_bytes().count(b"\n") >= lines:
            return
        time.sleep(0.01)
