"""`python -m bench [NAME …] [--pairs N] [--table FILE]`: measure, show, and write the table of the documentation."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from bench.absence import absence
from bench.figures import Row, load, machine, misses, number, table, yardstick
from bench.judging import judging, writing
from bench.node_agent import node_agent
from bench.observation import agent, page
from bench.plot import rates
from bench.report import report
from bench.start import start
from bench.stored import stored
from bench.suite import suite
from bench.whole import cold, warm
from harness.reporting.progress import Bar

BEFORE = "## Measured before"
PLOT = "images/judge.svg"

MEASURES: dict[str, Callable[[int], Iterable[Row]]] = {
    "start": start,
    "cold": cold,
    "warm": warm,
    "suite": suite,
    "absence": absence,
    "report": report,
    "page": page,
    "agent": agent,
    "node-agent": node_agent,
    "judge": judging,
    "ledger": writing,
    "stored": stored,
}


def main() -> int:
    """Run what is asked for, one after the other: side by side they would measure each other."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"which ones: {', '.join(MEASURES)}; all by default")
    parser.add_argument("--pairs", type=int, default=7, help="how often each is measured (default: 7)")
    parser.add_argument("--table", type=Path, help="a Markdown file to write")
    arguments = parser.parse_args()
    if unknown := [name for name in arguments.names if name not in MEASURES]:
        parser.error(f"there is no {unknown[0]!r}: choose from {', '.join(MEASURES)}")
    began, busy, rows = time.strftime("%Y-%m-%d"), load(), []
    before = _before(arguments.table) if arguments.names and arguments.table is not None else []
    chosen = arguments.names or [*MEASURES]
    with Bar("bench", len(chosen)) as bar:
        for name in chosen:
            for row in MEASURES[name](arguments.pairs):
                rows.append(row)
                print("  " + "  ".join(row.cells()), flush=True)
            if arguments.table is not None:  # after each: one that is broken off leaves what was measured
                _write(arguments.table, began, busy, arguments.pairs, rows, before)
            bar.advance(name)
    return 0


def _before(table_file: Path) -> list[str]:
    """The lines of a page that is there: who measures some things alone keeps what was measured of the others."""
    return table_file.read_text(encoding="utf-8").splitlines() if table_file.is_file() else []


def _write(table_file: Path, began: str, busy: float, pairs: int, rows: list[Row], before: list[str]) -> None:
    """The page, and beside it the picture of what was measured at several sizes."""
    sized = [row for row in rows if row.size]
    if sized:
        (table_file.parent / PLOT).write_text(rates(sized), encoding="utf-8")
    lines = [*_page(began, busy, pairs, rows), *_kept(before, rows)]
    table_file.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _kept(before: list[str], rows: list[Row]) -> Iterable[str]:
    """What an earlier page says of what was not measured this time, with when that was."""
    measured = {row.cells()[0] for row in rows}
    told = [line for line in before if line.startswith("| ") and line.split(" | ")[0][2:] not in measured]
    if len(told) > 2:  # more than the table's head
        when = next((line for line in before if line.startswith("Written by")), "")
        yield from ("", BEFORE, "", when, "", *told[:2], *(line for line in told[2:] if line not in told[:2]))
        sections = [at for at, line in enumerate(before) if line.startswith("## ")]
        ends = before.index(BEFORE) if BEFORE in before else len(before)
        yield from (
            "",
            *(f"#{line}" if line.startswith("## ") else line for line in before[min(sections, default=ends) : ends]),
        )


def _page(began: str, busy: float, pairs: int, rows: list[Row]) -> Iterable[str]:
    yield "# Speed"
    yield ""
    yield "What the harness costs, beside a script of the same scenario that has no harness (`bench/bare.py`)."
    loads = f"load {busy:.1f} at the start and {load():.1f} at the end"
    yield f"Written by `make bench` on {began}: {machine()}, {loads}, {pairs} pairs in turn."
    yield f"For figures that are not ratios: ten million additions in Python took {yardstick()} there."
    yield ""
    yield from table(rows)
    if any(row.met is False for row in rows):
        yield from ("", "## What misses its target", "")
        yield from misses(rows)
    if sized := [row for row in rows if row.size]:
        told = ", ".join(f"{row.size:,} events: {number(row.found.median)} {row.found.unit}" for row in sized)
        yield from ("", "## The judge over five sizes", "", f"![{told}]({PLOT})")


if __name__ == "__main__":
    sys.exit(main())
