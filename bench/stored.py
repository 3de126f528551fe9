"""`harness judge RUN` as a whole command, on stored ledgers of several shapes: from its start to its report."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path

from bench.figures import Row, Series, above
from bench.shapes import Shape
from harness.record.ledger import FILE
from harness.record.writer import LedgerWriter

SHAPES = (
    (Shape("clean", 50_000), 660_000),
    (Shape("20 sessions × 50 dashboards", 100, dashboards=50, sessions=20), 440_000),
    (Shape("1 % lost", 50_000, lost=0.01), 440_000),
    (Shape("10 % doubled and reordered", 50_000, doubled=0.1), 440_000),
    (Shape("no ids", 50_000, ids=False), 440_000),
)
"""Some 300,000 sightings each; 15 and 10 times the 44,000 a second of the build that kept a ledger as JSON lines."""

_REASON = (
    "What goes well is compared as columns; the report's lists, pictures and logs, and each event that went wrong, are "
    "made of objects one by one. Without ids events are matched as objects."
)


def stored(pairs: int) -> Iterable[Row]:
    """Sightings a second, of which every command has to be counted that a person waits for."""
    folder = Path(tempfile.mkdtemp(prefix="bench-"))
    try:
        for number, (shape, least) in enumerate(SHAPES):
            run = folder / str(number)
            run.mkdir()
            with LedgerWriter(run / FILE, shape.contract()) as writer:
                for record in shape.records():
                    writer.write(record)
            rates = [shape.sightings / _judged(run) for _ in range(max(1, min(pairs, 3)))]
            yield above(f"`harness judge`, {shape.name}", Series(tuple(rates), "sightings/s"), least, reason=_REASON)
    finally:
        shutil.rmtree(folder)


def _judged(run: Path) -> float:
    """How many seconds the whole command takes."""
    began = time.monotonic()
    subprocess.run([sys.executable, "-m", "harness", "judge", "--quiet", str(run)], check=False, capture_output=True)
    return time.monotonic() - began
