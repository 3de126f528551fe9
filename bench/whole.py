"""A cold `harness verify` and a warm scenario, each in turn with the bare script of the same."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from itertools import count
from pathlib import Path

from bench import bare
from bench.figures import Row, Series, below, in_turn
from harness.judging import judge_folder
from harness.launch.resources import Resources
from harness.launch.stack import Stack
from harness.model import Answer
from harness.run.contract import contract_for
from harness.run.run import Run
from harness.run.session_id import new_session_id
from harness.target.reference import reference

_COLD = (
    "More imports before the first process starts, the proof of absence on three pages, the verdict and five reports: "
    "`profile.svg` of any run shows what each takes."
)

_WARM = (
    "A run of its own has taps that are tried before and after, a ledger, a fence through each page and a verdict, "
    "all in the one process that also drives the browser."
)


def cold(pairs: int) -> Iterable[Row]:
    """Server, dashboard server, browser, three pages, two sessions, screenshots, stop: from start to end."""
    folder = Path(tempfile.mkdtemp(prefix="bench-"))

    def verify() -> float:
        command = [sys.executable, "-m", "harness", "verify", "--strategy", "broadcast", "--quiet"]
        return _seconds([*command, "--json", str(folder / "out.json")])

    try:
        ours, bares = in_turn(pairs, verify, lambda: _seconds([sys.executable, "-m", "bench.bare"]), "s")
    finally:
        shutil.rmtree(folder)
    yield below(
        "`harness verify --strategy broadcast`, cold, report included, over the bare script",
        *_over(ours, bares),
        reason=_COLD,
    )


def warm(pairs: int) -> Iterable[Row]:
    """One more scenario on a server and a browser that are warm: all taps, the proof, the verdict; no report."""
    folder = Path(tempfile.mkdtemp(prefix="bench-"))
    numbers = count(1)

    with Resources() as resources, Stack(reference(), "broadcast", resources).start(lambda: resources.browser) as stack:
        system = bare.System(folder)
        system.wait()

        def scenario() -> float:
            started = time.monotonic()
            contract = contract_for(stack.target, "broadcast", new_session_id(), ("P1", "P2", "P3"), ("A",))
            with Run(stack, contract, folder / f"run-{next(numbers)}") as run:
                run.open_dashboards("A")
                run.do("main", run.main).finish()
                run.settle()
                run.screenshots("after", run.dashboards["A"])
            judged = judge_folder(run.folder, report=False)
            assert judged.verdict.answer is Answer.PASSED, judged.verdict
            return time.monotonic() - started

        def script() -> float:
            mine = folder / f"bare-{next(numbers)}"
            mine.mkdir()
            started = time.monotonic()
            bare.one_task(resources.browser, system, mine)
            return time.monotonic() - started

        try:
            ours, bares = in_turn(pairs * 2, scenario, script, "s")
        finally:
            system.stop()
            shutil.rmtree(folder)
    yield below("a further scenario, warm, over the bare script", *_over(ours, bares, 1.15), reason=_WARM)


def _over(ours: Series, bares: Series, most: float = 1.25) -> tuple[Series, float, str]:
    return ours.over(bares), most, f"harness {ours}, bare {bares}"


def _seconds(command: list[str]) -> float:
    started = time.monotonic()
    subprocess.run(command, check=True, cwd=bare.ROOT, stdout=subprocess.DEVNULL)
    return time.monotonic() - started
