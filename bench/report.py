"""The run page of 10,000 events: how soon it is written, how large it is, and whether it scrolls fluidly."""

from __future__ import annotations

import json
import shutil
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path

from bench import bare
from bench.figures import Row, Series, below
from harness.reporting.page import REPORTER
from tests.support.reported import SCROLL, judged, long_run

EVENTS = 10_000

TASKS = """() => {
  window.__tasks = [];
  new PerformanceObserver((list) => window.__tasks.push(...list.getEntries().map((each) => each.duration)))
    .observe({ type: "longtask", buffered: true });
}"""


def report(pairs: int) -> Iterable[Row]:
    """Written, opened and scrolled through; a task is long from 50 ms on."""
    folder = Path(tempfile.mkdtemp(prefix="bench-"))
    run = judged(long_run(EVENTS))
    seconds: list[float] = []
    frames: list[float] = []
    tasks: list[float] = []
    try:
        with bare.browser() as source:
            for _ in range(pairs):
                began = time.monotonic()
                written = REPORTER.write(*run, folder)
                seconds.append(time.monotonic() - began)
                with source.new_context(viewport={"width": 1440, "height": 900}) as context:
                    page = context.new_page()
                    page.goto(written.as_uri())
                    page.evaluate(TASKS)
                    began = time.monotonic()
                    drawn, _, _ = page.evaluate(SCROLL)
                    frames.append((time.monotonic() - began) / drawn * 1000)
                    tasks.append(len(json.loads(page.evaluate("JSON.stringify(window.__tasks)"))))
            size = written.stat().st_size / 1e6
    finally:
        shutil.rmtree(folder)
    yield below(f"run page of {EVENTS:,} events, written in", Series(tuple(seconds), "s"), 3)
    yield below("its size", Series((size,), "MB"), 5)
    beside = f"a frame takes {Series(tuple(frames), 'ms')}"
    yield below(
        "tasks of more than 50 ms, from opening to its end scrolled to", Series(tuple(tasks), "tasks"), 2, beside
    )
