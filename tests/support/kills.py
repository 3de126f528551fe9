"""The harness killed at random moments, and what it left: `python -m tests.support.kills 300 [FIRST_SEED]`.

For each seed a `harness verify` is started and ended by SIGKILL, SIGTERM or SIGINT somewhere between its start and its
end. Five seconds later no process of it may be there (so no port either) and no temporary folder; its ledger must be
read, and be judged unknown where it was cut off; a signal that can be heard must have ended it within a second.
"""

from __future__ import annotations

import contextlib
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
import uuid
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from harness.locations import RUNS_SETTING
from harness.model import Answer
from harness.record.ledger import Ending, find
from harness.verify import judge_folder
from tests.support.leaks import survivors
from tests.support.signals import interruptible

MARK = "HARNESS_KILLED_TRIAL"
SIGNALS = (signal.SIGKILL, signal.SIGTERM, signal.SIGINT)
LEAVE_S = 5.0
STOP_S = 1.0


@dataclass(frozen=True, slots=True)
class Killed:
    """What became of one harness. `left` is empty where all was as promised; `answer` None where no run had begun."""

    seed: int
    signal: str
    after_s: float
    status: int
    stopped_s: float
    answer: str | None
    left: tuple[str, ...] = ()
    said: str = ""


def kill_once(
    seed: int,
    over_s: float,
    strategy: str = "broadcast",
    end: signal.Signals | None = None,
    stop_s: float = STOP_S,
    leave_s: float = LEAVE_S,
) -> Killed:
    """Start a harness, end it at a moment within `over_s` that the seed chooses, and look around."""
    chance = random.Random(seed)
    number, after_s = end or chance.choice(SIGNALS), chance.uniform(0, over_s)
    mark = f"{seed}-{uuid.uuid4().hex}"
    with tempfile.TemporaryDirectory(prefix="kill-", ignore_cleanup_errors=True) as outer:
        temporary, runs = Path(outer, "t"), Path(outer, "runs")
        temporary.mkdir()
        env = {**os.environ, MARK: mark, "TMPDIR": str(temporary), RUNS_SETTING: str(runs)}
        argv = [sys.executable, "-m", "harness", "verify", "--strategy", strategy]
        with subprocess.Popen(argv, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as harness:
            with contextlib.suppress(subprocess.TimeoutExpired):
                harness.wait(after_s)
            began = time.monotonic()
            was_over = harness.poll() is not None
            harness.send_signal(number)
            status = harness.wait(60)
            stopped_s = time.monotonic() - began
            said = "" if harness.stderr is None else harness.stderr.read()
        left = [f"process {pid}: {what}" for pid, what in survivors(mark, began + leave_s, MARK)]
        while (folders := sorted(temporary.iterdir())) and time.monotonic() < began + leave_s:
            time.sleep(0.02)
        left += [f"folder {each.name}" for each in folders]
        if not was_over and number is not signal.SIGKILL and stopped_s > stop_s:
            left.append(f"it took {stopped_s:.2f} s to stop")
        answer = None
        for run in sorted(runs.iterdir()) if runs.is_dir() else ():
            told, wrong = _judged(run)
            answer, left = told or answer, left + wrong
    return Killed(seed, number.name, after_s, status, stopped_s, answer, tuple(left), said[-600:])


def _judged(run: Path) -> tuple[str | None, list[str]]:
    if not find(run).is_file():
        return None, []  # it was killed before its contract was written: no run had begun
    try:
        judged = judge_folder(run, 0.0)
    except Exception as error:  # noqa: BLE001  # whatever it is, it is what this looks for
        return None, [f"its ledger was not judged: {error!r:.300}"]
    answer, is_cut = judged.verdict.answer, judged.evidence.ledger.ending is not Ending.COMPLETE
    if is_cut and answer is not Answer.UNKNOWN:
        return answer, [f"a run that was cut off is {answer}"]
    return answer, [] if answer is not Answer.FAILED else ["the system was accused"]


def main(arguments: Sequence[str]) -> int:
    """Kill so many, a line for each that left something, and the sum."""
    count, first = int(arguments[0]) if arguments else 30, int(arguments[1]) if len(arguments) > 1 else 1
    sums, wrong, slowest = Counter[str](), 0, 0.0
    over_s = time_of_one()
    for seed in range(first, first + count):
        killed = kill_once(seed, over_s)
        sums[f"{killed.signal} {killed.answer or 'not begun'}"] += 1
        slowest = max(slowest, killed.stopped_s)
        wrong += bool(killed.left)
        if killed.left:
            print(killed)
    print(f"{count} harnesses ended over {over_s:.1f} s, {wrong} left something; slowest to stop {slowest:.2f} s")
    for name, number in sorted(sums.items()):
        print(f"  {number:4} {name}")
    return int(bool(wrong))


def time_of_one() -> float:
    """How long a harness takes that nothing ends, and a little more: some are ended at their very end."""
    with tempfile.TemporaryDirectory(prefix="kill-", ignore_cleanup_errors=True) as runs:
        began = time.monotonic()
        argv = [sys.executable, "-m", "harness", "verify", "--strategy", "broadcast"]
        subprocess.run(argv, env={**os.environ, RUNS_SETTING: runs}, capture_output=True, check=True)
        return 1.1 * (time.monotonic() - began)


if __name__ == "__main__":
    with interruptible():
        sys.exit(main(sys.argv[1:]))
