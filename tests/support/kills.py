"""The harness killed at random moments, and what it left: `python -m tests.support.kills --count 300 --table FILE`.

For each seed a `harness verify` is started and ended by SIGKILL, SIGTERM or SIGINT somewhere between its start and its
end. Five seconds later no process of it may be there (so no port either) and no temporary folder; its ledger must be
read, and be judged unknown where it was cut off; a signal that can be heard must have ended it within a second, the
time left out for which it had no processor. `--part FILE` keeps each outcome as it comes, and goes on with what it has.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from harness.judging import judge_folder
from harness.locations import RUNS_SETTING
from harness.model import Answer
from harness.record.ledger import Ending, find
from tests.support.leaks import PROC, survivors
from tests.support.signals import interruptible

MARK = "HARNESS_KILLED_TRIAL"
SIGNALS = (signal.SIGKILL, signal.SIGTERM, signal.SIGINT)
LEAVE_S = 5.0
STOP_S = 1.0
GIVE_UP_S = 60.0
UNREAPED = os.WEXITED | os.WNOHANG | os.WNOWAIT
"""Whether a child has ended is asked without forgetting it: what it waited for is still to be read."""


@dataclass(frozen=True, slots=True)
class Killed:
    """What became of one harness. `left` is empty where all was as promised; `answer` None where no run had begun.

    `after_s`: from its start to the signal; `over_s`: within which that was drawn; `waited_s`: so much of `stopped_s`
    it, and what ends its children, could run and had no processor.
    """

    seed: int
    signal: str
    after_s: float
    over_s: float
    status: int
    stopped_s: float
    waited_s: float
    was_over: bool
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
            was_over, delays = harness.poll() is not None, _Delays(harness.pid)
            began = time.monotonic()
            harness.send_signal(number)
            while not was_over and os.waitid(os.P_PID, harness.pid, UNREAPED) is None:
                delays.look()
                if time.monotonic() > began + GIVE_UP_S:
                    harness.kill()
                time.sleep(0.005)
            stopped_s, waited_s = time.monotonic() - began, delays.look()
            status = harness.wait()
            said = "" if harness.stderr is None else harness.stderr.read()
        left = [f"process {pid}: {what}" for pid, what in survivors(mark, began + leave_s, MARK)]
        while (folders := sorted(temporary.iterdir())) and time.monotonic() < began + leave_s:
            time.sleep(0.02)
        left += [f"folder {each.name}" for each in folders]
        if not was_over and number is not signal.SIGKILL and stopped_s - waited_s > stop_s:
            left.append(f"it took {stopped_s:.2f} s to stop, {waited_s:.2f} s of them without a processor")
        answer = None
        for run in sorted(runs.iterdir()) if runs.is_dir() else ():
            told, wrong = _judged(run)
            answer, left = told or answer, left + wrong
    took = stopped_s, waited_s, was_over
    return Killed(seed, number.name, after_s, over_s, status, *took, answer, tuple(left), said[-600:])


class _Delays:
    """How long a harness and the watchdog that ends its children could run, and had no processor."""

    def __init__(self, pid: int) -> None:
        self._pids = [pid, *(child for child in _children(pid) if "watchdog.py" in _command(child))]
        self._first, self._last = dict[int, float](), dict[int, float]()
        self.look()

    def look(self) -> float:
        """The seconds since the first look; of one that has ended meanwhile, until it was seen last."""
        for pid in self._pids:
            with contextlib.suppress(OSError, ValueError, IndexError):
                self._last[pid] = int((PROC / str(pid) / "schedstat").read_text().split()[1]) / 1e9
                self._first.setdefault(pid, self._last[pid])
        return sum(last - self._first[pid] for pid, last in self._last.items())


def _children(pid: int) -> Iterator[int]:
    for task in sorted((PROC / str(pid) / "task").glob("*/children")):
        with contextlib.suppress(OSError):
            yield from map(int, task.read_text().split())


def _command(pid: int) -> str:
    with contextlib.suppress(OSError):
        return (PROC / str(pid) / "cmdline").read_bytes().decode("utf-8", "replace")
    return ""


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


def markdown(killed: Sequence[Killed]) -> Iterator[str]:
    """docs/kills.md: by signal, what became of the harness, of its runs and of what it had started."""
    yield "# A harness that is killed"
    yield ""
    yield (
        "Regenerated by `make kills`. A `harness verify` is ended at a random moment between its start and its end. "
        f"{LEAVE_S:g} s later no process of it may be there, and with them no port, nor a folder; the record of its "
        "run must be read, and must not be judged *passed* where it was cut off, nor *failed* at all. *Stopped in* is "
        "from the signal to the end of the harness, and of all that it had started: the median, and the slowest; the "
        f"time without a processor is left out, and {STOP_S:g} s is promised."
    )
    yield ""
    yield f"{len(killed)} harnesses, ended over the time of a whole run; seeds {_range(killed)}."
    yield ""
    yield "| signal | harnesses | no run had begun | unknown | passed | failed | left something | stopped in, s |"
    yield "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |"
    for number in SIGNALS:
        mine = [each for each in killed if each.signal == number.name]
        answers = [sum(each.answer == answer for each in mine) for answer in (None, *ANSWERS)]
        wrong = sum(bool(each.left) for each in mine)
        heard = sorted(each.stopped_s - each.waited_s for each in mine if not each.was_over)
        took = f"{heard[len(heard) // 2]:.2f}, {heard[-1]:.2f}" if heard and number is not signal.SIGKILL else "–"
        yield f"| {number.name} | {len(mine)} | {' | '.join(map(str, answers))} | {wrong} | {took} |"
    yield ""
    over = sum(each.was_over for each in killed)
    slow = [each for each in killed if each.signal != "SIGKILL" and not each.was_over and each.stopped_s > STOP_S]
    yield (
        f"{over} were over before their signal came. With the time without a processor (the machine did other work, "
        f"too) {len(slow)} took more than {STOP_S:g} s to stop."
    )
    yield ""
    yield "## What was left"
    yield ""
    if not any(each.left for each in killed):
        yield "Nothing: 0 processes, 0 ports, 0 folders, 0 records that can't be read, 0 passes of runs cut off."
    for each in killed:
        if each.left:
            yield f"- seed {each.seed}, {each.signal} after {each.after_s:.2f} s: {'; '.join(each.left)}"


ANSWERS = (Answer.UNKNOWN, Answer.PASSED, Answer.FAILED)


def _range(killed: Sequence[Killed]) -> str:
    seeds = [each.seed for each in killed]
    return f"{min(seeds)} to {max(seeds)}" if seeds else "none"


def main(arguments: Sequence[str]) -> int:
    """Kill so many, a line for each; status 1 where something was left."""
    parser = argparse.ArgumentParser(prog="python -m tests.support.kills", description=__doc__)
    add = parser.add_argument
    add("--count", type=int, default=30, metavar="N", help="how many (default: 30)")
    add("--first", type=int, default=1, metavar="SEED", help="the first seed (default: 1)")
    add("--part", type=Path, metavar="FILE", help="keep the outcomes there, and go on with what it has")
    add("--table", type=Path, metavar="FILE", help="write the page there")
    asked = parser.parse_args(arguments)
    killed = [] if asked.part is None or not asked.part.exists() else _kept(asked.part)
    done = {each.seed for each in killed}  # also what left something: to try it again would hide that
    keep = asked.part.open("a", encoding="utf-8") if asked.part is not None else None
    with keep if keep is not None else contextlib.nullcontext():
        for each in _ended(range(asked.first, asked.first + asked.count), done, time_of_one):
            killed.append(each)
            if keep is not None:
                keep.write(json.dumps(asdict(each)) + "\n")
                keep.flush()
            print(
                f"seed {each.seed}, {each.signal} after {each.after_s:.2f} s: {'; '.join(each.left) or 'nothing left'}"
            )
    if asked.table is not None:
        asked.table.write_text("\n".join(markdown(killed)) + "\n", "utf-8")
    return int(any(each.left for each in killed))


def _ended(seeds: Sequence[int], done: set[int], measure: Callable[[], float]) -> Iterator[Killed]:
    """Those that are not done; the time of one is measured now and then, for a machine has other work, too."""
    over_s = 0.0
    for index, seed in enumerate(each for each in seeds if each not in done):
        over_s = over_s if index % MEASURED_EVERY else measure()
        yield kill_once(seed, over_s)


MEASURED_EVERY = 25


def _kept(path: Path) -> list[Killed]:
    lines = (json.loads(line) for line in path.read_text("utf-8").splitlines())
    return [Killed(**{**each, "left": tuple(each["left"])}) for each in lines]


def time_of_one() -> float:
    """How long a harness takes that nothing ends, and a little more: some are ended at their very end."""
    with tempfile.TemporaryDirectory(prefix="kill-", ignore_cleanup_errors=True) as runs:
        began = time.monotonic()
        argv = [sys.executable, "-m", "harness", "verify", "--strategy", "broadcast"]
        subprocess.run(argv, env={**os.environ, RUNS_SETTING: runs}, capture_output=True, check=False)
        return 1.1 * (time.monotonic() - began)


if __name__ == "__main__":
    with interruptible():
        sys.exit(main(sys.argv[1:]))
