"""What watching costs: the page's taps in a burst of 10,000 events, and the agent in the server."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import mean
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from bench import bare
from bench.figures import Row, Series, below, in_turn
from harness.record.identity import Envelope
from harness.taps.agent import AgentHub, environment
from harness.taps.page import PageTap, install
from harness.target.reference import reference

if TYPE_CHECKING:
    from playwright.sync_api import Browser

BURST = 10_000
TICKS = os.sysconf("SC_CLK_TCK")

WATCH = """() => {
  const counter = document.querySelector('[data-testid="event-count"]');
  const found = { first: 0, last: 0, tasks: 0 };
  new MutationObserver(() => {
    found.first ||= performance.now();
    found.last = performance.now();
  }).observe(counter, { attributes: true });
  new PerformanceObserver((list) => { found.tasks += list.getEntries().length; }).observe({ entryTypes: ["longtask"] });
  window.__bench = found;
}"""
"""Notes when the counter first and last changed, and counts tasks of more than 50 ms."""


_PAGE = (
    "The taps read each frame and each change of the list once more; between two pairs of the same run the ratio "
    "differs by a tenth either way."
)


_AGENT = (
    "Of each event the agent tells that it was received, routed and to whom, and answered: three records of some "
    "hundred bytes, made in Python, in the server's own thread."
)


def page(pairs: int) -> Iterable[Row]:
    """The page with its taps and without, from the first event shown to the last."""
    folder = Path(tempfile.mkdtemp(prefix="bench-"))
    tasks: dict[bool, list[float]] = {True: [], False: []}
    with ExitStack() as opened:
        opened.callback(shutil.rmtree, folder)
        system = bare.System(folder)
        opened.callback(system.stop)
        source = opened.enter_context(bare.browser())
        system.wait()

        def burst(is_tapped: bool) -> float:
            found = _burst(source, system, is_tapped)
            tasks[is_tapped].append(found["tasks"])
            return float(found["last"] - found["first"])

        with_taps, without = in_turn(pairs, lambda: burst(True), lambda: burst(False), "ms")
    beside = f"taps {with_taps}, none {without}"
    yield below(
        f"page with taps over page without, {BURST:,} events, first to last one shown",
        with_taps.over(without),
        1.1,
        beside,
        _PAGE,
    )
    ours, its = (Series(tuple(tasks[tapped][1:]), "tasks") for tapped in (True, False))
    yield below("tasks of more than 50 ms in that burst, with taps", ours, its.median + 1, f"without: {its}")


def _burst(source: Browser, system: bare.System, is_tapped: bool) -> Mapping[str, Any]:
    spec = reference().page
    context = source.new_context(viewport={"width": 1440, "height": 900})
    try:
        if is_tapped:
            install(context, spec)
        shown = context.new_page()
        envelope = Envelope()
        records: list[object] = []
        tap = PageTap(shown, spec, records.append, envelope.read, envelope.read_item, "A", time.monotonic_ns)
        shown.goto(f"{system.dashboard}/?server={system.server}", wait_until="commit")
        shown.wait_for_function(bare.SHOWS, arg=bare.OWN)
        shown.evaluate(WATCH)
        cli = system.cli("pipe", "--session-id", f"bench_{uuid4().hex}", "--window", str(BURST))
        bare.publish(cli, [("execution:started", {"task": "burst"}), *_steps(BURST - 2), ("execution:completed", {})])
        bare.finish(cli)
        shown.wait_for_function(bare.SHOWS, arg=bare.OWN + BURST)
        found: dict[str, Any] = json.loads(shown.evaluate("() => JSON.stringify(window.__bench)"))
        if is_tapped:
            tap.drain()
            assert len(records) >= BURST * 2, f"the tap saw {len(records)} records only"
        return found
    finally:
        context.close()


def agent(pairs: int) -> Iterable[Row]:
    """The server's own processor time for a burst that one client receives, with the agent and without."""
    folder = Path(tempfile.mkdtemp(prefix="bench-"))
    with ExitStack() as opened:
        opened.callback(shutil.rmtree, folder)
        hub = opened.enter_context(_hub())
        source = opened.enter_context(bare.browser())
        seen: list[object] = []
        hub.on("bench", lambda _, record: seen.append(record))
        (folder / "watched").mkdir()
        (folder / "alone").mkdir()
        env = environment(hub.path, "bench", "server", os.environ)
        watched = bare.System(folder / "watched", server_env=env)
        opened.callback(watched.stop)
        alone = bare.System(folder / "alone")
        opened.callback(alone.stop)

        def work(system: bare.System) -> float:
            before = _processor_s(system.server_pid)
            _burst(source, system, is_tapped=False)
            return (_processor_s(system.server_pid) - before) / BURST * 1e6

        watched.wait()
        alone.wait()
        ours, bares = in_turn(pairs, lambda: work(watched), lambda: work(alone), "µs")
        assert len(seen) >= BURST * pairs, f"the agent recorded {len(seen)} times only"
    beside = f"an event costs {mean(ours.values):.0f} µs with, {mean(bares.values):.0f} µs without"
    what = "server with the agent over server without, processor time an event"
    yield below(what, ours.over(bares), 1.1, beside, _AGENT)


@contextmanager
def _hub() -> Iterator[AgentHub]:
    hub = AgentHub()
    try:
        yield hub
    finally:
        hub.close()


def _steps(count: int) -> list[tuple[str, dict[str, object]]]:
    return [("step:done", {"step": number}) for number in range(count)]


def _processor_s(pid: int) -> float:
    """Processor time of a process so far, user and system (proc(5), fields 14 and 15)."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS
