"""The judge over five sizes of ledger, as a plot, and the ledger's writer."""

from __future__ import annotations

import gc
import shutil
import tempfile
import time
import tracemalloc
from collections.abc import Iterable
from pathlib import Path

from bench.figures import Row, Series, above, below, number
from harness.judge.judge import judge_evidence
from harness.model import Answer, Hop
from harness.record.evidence import Evidence
from harness.record.ledger import FILE, Ledger, collector_at_rest, read
from harness.record.writer import LedgerWriter
from tests.support.ledgers import Story

SIZES = (10_000, 30_000, 100_000, 300_000, 1_000_000)
"""Events, each of them sighted at seven hops."""

HOPS = len(Hop)


_REASON = (
    "Whatever the hops saw alike is looked at once, and yet each sighting is touched some ten times in pure Python; a "
    "long ledger does not fit the processor's caches."
)


_MEMORY = (
    "A sighting is a frozen object of seven fields, with a time and a number of its own; an acknowledgement is kept "
    "for each event; what many sightings say alike is kept once."
)


def judging(pairs: int) -> Iterable[Row]:
    """Sightings a second at each size, and the memory that the index and the verdict take."""
    rates = []
    for size in SIZES:
        seconds = []
        for _ in range(max(1, min(pairs, 300_000 // size))):
            ledger = _ledger(size)
            gc.collect()
            began = time.monotonic()
            with collector_at_rest():
                verdict = judge_evidence(Evidence(ledger))
            seconds.append(time.monotonic() - began)
            assert verdict.answer is Answer.PASSED, verdict
        rate = Series(tuple(size * HOPS / each for each in seconds), "sightings/s")
        rates.append((size, rate.median))
        yield above(f"judge, {size:,} events over {HOPS} hops", rate, 500_000, reason=_REASON, size=size)
    slowest, fastest = min(rate for _, rate in rates), max(rate for _, rate in rates)
    linear = Series((slowest / fastest,), "×")
    yield above("linear: the slowest rate of these over the fastest", linear, 0.7, reason=_REASON)
    yield _memory(100_000)


def _memory(size: int) -> Row:
    """The most that a stored ledger takes from reading it to its verdict."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        path = Path(folder) / FILE
        _write(_ledger(size), path)
        gc.collect()
        tracemalloc.start()
        evidence = Evidence(read(path))
        verdict = judge_evidence(evidence)
        kept, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert verdict.answer is Answer.PASSED, verdict
    beside = f"{number(kept / (size * HOPS))} bytes of it are kept to the end"
    found = Series((most / (size * HOPS),), "bytes")
    what = f"memory from reading {size:,} events to the verdict, at most, a sighting"
    return below(what, found, 300, beside, _MEMORY)


def _write(ledger: Ledger, path: Path) -> None:
    with LedgerWriter(path, ledger.contract) as writer:
        for record in ledger.records():
            writer.write(record)


def writing(pairs: int) -> Iterable[Row]:
    """Records a second that the ledger's writer takes, to the disk."""
    folder = Path(tempfile.mkdtemp(prefix="bench-"))
    ledger = _ledger(20_000)
    records = len(ledger.sightings) + len(ledger.facts)
    rates = []
    try:
        for pair in range(pairs):
            began = time.monotonic()
            _write(ledger, folder / f"{pair}.jsonl")
            rates.append(records / (time.monotonic() - began))
    finally:
        shutil.rmtree(folder)
    yield above("the ledger's writer", Series(tuple(rates), "records/s"), 50_000)


def _ledger(size: int) -> Ledger:
    """A passing run of one session that one dashboard follows: the tests' own clean run, longer."""
    steps = ["step:done"] * (size - 2)
    story = Story("broadcast", declared=("execution:started", "step:done", "execution:completed"))
    return (
        story.open("A")
        .start("main")
        .emit("main", "execution:started", *steps, "execution:completed")
        .end("main")
        .ledger()
    )
