"""`harness judge RUN` as a whole command, on stored ledgers of several shapes: from its start to its report."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from bench.figures import Row, Series, above, below, number
from bench.shapes import Shape
from harness.record.ledger import FILE
from harness.record.writer import LedgerWriter

CLEAN = Shape("clean", 143_000)
SHAPES = (
    (CLEAN, 660_000),
    (Shape("20 sessions × 50 dashboards", 100, dashboards=50, sessions=20), 440_000),
    (Shape("1 % lost", 50_000, lost=0.01), 440_000),
    (Shape("10 % doubled or reordered", 50_000, doubled=0.1), 440_000),
    (Shape("no ids", 50_000, ids=False), 440_000),
)
"""A million sightings, and some 300,000; 15 and 10 times the 44,000 a second of the build that kept JSON lines."""

LARGE = Shape("1,000 dashboards × 1,000 events", 1_000, dashboards=1_000)
TINY = Shape("nothing", 1)
"""What an interpreter with the same imports takes."""

_REASON = (
    "What goes well is compared as columns, and so is what went wrong, but for each single outcome. Without ids the "
    "event of each sighting is found one by one, and then encoded anew. Of a short ledger the command's start "
    "(some 480 modules, NumPy a fifth of it) takes longer than its verdict, and the page's 10,000 rows a part."
)


@dataclass(frozen=True, slots=True)
class Cost:
    """What a command took: seconds by the clock, seconds of processors, and bytes of memory at most."""

    seconds: float
    processor_s: float
    peak: int


def stored(pairs: int) -> Iterable[Row]:
    """Sightings a second, of which every command has to be counted that a person waits for."""
    folder = Path(tempfile.mkdtemp(prefix="bench-"))
    try:
        medians = []
        for shape, least in SHAPES:
            costs = [_judged(_written(folder, shape)) for _ in range(max(1, min(pairs, 3)))]
            rate = Series(tuple(shape.sightings / each.seconds for each in costs), "sightings/s")
            beside = f"processor {number(min(each.processor_s for each in costs))} s"
            medians.append(rate.median)
            yield above(f"`harness judge`, {shape.name}", rate, least, beside, _REASON)
        slowest = Series((min(medians) / medians[0],), "×")
        yield above("the slowest shape over the clean one", slowest, 1 / 3, reason=_REASON)
        yield from _large(folder)
    finally:
        shutil.rmtree(folder)


def _large(folder: Path) -> Iterable[Row]:
    cost, least = _judged(_written(folder, LARGE)), _judged(_written(folder, TINY))
    beside = f"processor {number(cost.processor_s)} s"
    yield below(f"`harness judge`, {LARGE.name}", Series((cost.seconds,), "s"), 5, beside, _REASON)
    each = Series(((cost.peak - least.peak) / LARGE.sightings,), "bytes")
    yield below("its memory at most, a sighting, above the same command on one event", each, 100, reason=_REASON)


def _written(folder: Path, shape: Shape) -> Path:
    """The folder of a run of that shape; made once."""
    run = folder / shape.name
    if not run.is_dir():
        run.mkdir()
        with LedgerWriter(run / FILE, shape.contract()) as writer:
            for record in shape.records():
                writer.write(record)
    return run


def _judged(run: Path) -> Cost:
    """What the whole command takes."""
    began = time.monotonic()
    command = [sys.executable, "-m", "harness", "judge", "--quiet", str(run)]
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, used = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    unit = 1 if sys.platform == "darwin" else 1024
    return Cost(time.monotonic() - began, used.ru_utime + used.ru_stime, used.ru_maxrss * unit)
