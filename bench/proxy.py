"""`python -m bench.proxy [--table FILE]`: what the wire proxy adds to an event, and how many a second it keeps up with.

Server and client are as small as they can be, each in a process of its own, so that what is measured is the proxy: the
server acknowledges each event frame by frame, the client waits for each acknowledgement (latency) or sends at a fixed
rate (throughput). The proxy runs in a thread of this process and writes what it sees to a list, as it does in a run.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from bench.figures import Row, Series, above, below, load, machine, table
from bench.peers import RATE, ROUNDS, SECONDS
from harness.model import Hop, Record, Sighting
from harness.record.identity import Envelope
from harness.taps.wire.proxy import WireProxy
from harness.taps.wire.telling import Telling


def main() -> int:
    """Measure, show, and write the table of the documentation."""
    parser = argparse.ArgumentParser(prog="python -m bench.proxy", description=__doc__)
    parser.add_argument("--table", type=Path, help="a Markdown file to write")
    parser.add_argument("--pairs", type=int, default=5, help="how often each is measured (default: 5)")
    arguments = parser.parse_args()
    began, busy = time.strftime("%Y-%m-%d"), load()
    rows = list(proxy(arguments.pairs))
    for row in rows:
        print("  ".join(row.cells()))
    if arguments.table is not None:
        arguments.table.write_text("\n".join(_page(began, busy, arguments.pairs, rows)) + "\n", encoding="utf-8")
    return 0


def proxy(pairs: int) -> Iterable[Row]:
    """Latency with and without in turn, then the throughput."""
    with ExitStack() as opened:
        port = opened.enter_context(_server())
        seen: list[Record] = []
        telling = Telling(
            seen.append, Envelope(carrier="publish").read, lambda: "server", lambda door, session: "cli:main"
        )
        standing = opened.enter_context(WireProxy(lambda: ("127.0.0.1", port), telling))
        door = int(standing.door("cli:main").rpartition(":")[2])
        direct, through, rates = [], [], []
        for _ in range(pairs):
            direct.append(_client(port)["median_ms"])
            seen.clear()
            told = _client(door)
            through.append(told["median_ms"])
            rates.append(told["rate"])
            standing.state(60)
            for hop in (Hop.SENT, Hop.RECEIVED):
                keys = {each.event.key for each in seen if isinstance(each, Sighting) and each.hop is hop}
                assert len(keys) == ROUNDS + RATE * SECONDS, f"{len(keys)} events at {hop.label}"
    added = Series(tuple(ours - its for ours, its in zip(through, direct, strict=True)), "ms")
    beside = f"through {Series(tuple(through), 'ms')}, direct {Series(tuple(direct), 'ms')}"
    yield below("added to an event and its acknowledgement, median of each run", added, 1, beside)
    everything = f"{RATE * SECONDS:,} offered at {RATE:,}/s: all acknowledged, and all told at sent and received"
    yield above("events through the proxy", Series(tuple(rates), "1/s"), RATE * 0.99, everything)


@contextmanager
def _server() -> Iterator[int]:
    argv = [sys.executable, "-m", "bench.peers", "server"]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield int(process.stdout.readline())
        finally:
            process.kill()


def _client(port: int) -> dict[str, float]:
    argv = [sys.executable, "-m", "bench.peers", "client", str(port)]
    done = subprocess.run(argv, stdout=subprocess.PIPE, text=True, check=True, timeout=120)
    found: dict[str, float] = json.loads(done.stdout)
    return found


def _page(began: str, busy: float, pairs: int, rows: list[Row]) -> Iterable[str]:
    yield "# The wire proxy"
    yield ""
    yield "What it adds to an event that passes it, and how many it keeps up with (`bench/proxy.py`)."
    yield f"Written by `make bench-proxy` on {began}: {machine()}, load {busy:.1f} at the start, {pairs} pairs in turn."
    yield ""
    yield from table(rows)


if __name__ == "__main__":
    sys.exit(main())
