"""From the CLI's exit to the verdict "lost", beside Playwright's own assertion that has to run into its time-out."""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path

from playwright.sync_api import expect

from bench.figures import Row, Series, above, below
from harness.judging import judge_folder
from harness.launch.resources import Resources
from harness.launch.stack import Stack
from harness.model import Answer
from harness.run.contract import contract_for
from harness.run.run import Run
from harness.run.session_id import new_session_id
from harness.target.reference import reference

MS = 1000


def absence(pairs: int) -> Iterable[Row]:
    """The documented room mismatch: ten events emitted, none shown."""
    folder = Path(tempfile.mkdtemp(prefix="bench-"))
    proofs, verdicts, patience = [], [], []
    try:
        with (
            Resources() as resources,
            Stack(reference(), "room-mismatch", resources).start(lambda: resources.browser) as stack,
        ):
            for pair in range(pairs + 1):
                contract = contract_for(stack.target, "broadcast", new_session_id(), ("P1", "R1"), ("A",))
                with Run(stack, contract, folder / f"run-{pair}") as run:
                    (dashboard,) = run.open_dashboards("A")
                    run.do("main", run.main).finish()
                    exited = time.monotonic()
                    run.settle()
                    proven = time.monotonic()
                    run.flush()
                    judged = judge_folder(run.folder, report=False, is_running=True)
                    known = time.monotonic()
                    assert judged.verdict.answer is Answer.FAILED, judged.verdict
                    counter = dashboard.page.locator('[data-testid="event-count"]')
                    gave_up = time.monotonic()
                    try:
                        expect(counter).to_have_attribute("data-count", "12")
                    except AssertionError:
                        gave_up = time.monotonic() - gave_up
                if pair:  # the first one warms up
                    proofs.append((proven - exited) * MS)
                    verdicts.append((known - exited) * MS)
                    patience.append(gave_up * MS)
    finally:
        shutil.rmtree(folder)
    lost, expected = Series(tuple(verdicts), "ms"), Series(tuple(patience), "ms")
    yield below(
        'proof of absence, from the CLI\'s exit to the verdict "lost"', lost, 50, f"proof {Series(tuple(proofs), 'ms')}"
    )
    yield above("Playwright's `expect` with its default time-out, over that", expected.over(lost), 100, f"{expected}")
