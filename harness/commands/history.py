"""`harness history`: a system verified in each of its states, and where its verdict changed."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from harness.archive.history import BRIEF, Point, brief, document, markdown
from harness.archive.index import indexed
from harness.archive.states import Checkout, State, states
from harness.commands.exits import Exit, exit_for
from harness.launch.ends import stop_orphans
from harness.lib import lifeline
from harness.locations import RUNS_SETTING, own_command, runs
from harness.model import Answer
from harness.reporting.progress import Bar
from harness.reporting.terminal import table

INTERRUPTED_GENTLY = True
"""What was found so far is worth having."""


def main(arguments: argparse.Namespace) -> int:
    """Verify each state, print the table, and say by the status how the last state stands."""
    stop_orphans()
    here = Path.cwd()
    wanted = states(here, arguments.states)
    command = _command(arguments.after)
    kept = runs().parent / "history" / time.strftime("%Y%m%d_%H%M%S")
    points = list[Point]()
    is_cut = False
    with Checkout(here) as checkout, Bar("states", len(wanted), quiet=arguments.quiet) as bar:
        try:
            for number, state in enumerate(wanted, 1):
                checkout.lay_out(state)
                found = list(_points(state, command, checkout.work, kept / f"{number:03}-{state.short}"))
                points += found
                bar.advance(f"{state.short} {state.subject}: {', '.join(_told(each) for each in found)}")
        except KeyboardInterrupt:
            is_cut = True
    if points:
        table(BRIEF, brief(points), (), sys.stdout)
        print(f"runs: {kept.relative_to(here) if kept.is_relative_to(here) else kept}")
    if arguments.table is not None:
        arguments.table.write_text(markdown(points), "utf-8")
    if arguments.json is not None:
        arguments.json.write_text(json.dumps(document(points), indent=2) + "\n")
    if is_cut:
        print(f"interrupted after {len({each.state for each in points})} of {len(wanted)} states", file=sys.stderr)
        return 130
    last = [each.run for each in points if each.state == wanted[-1]]
    answers = [Answer(run.verdict) for run in last if run is not None and run.verdict in {*Answer}]
    return int(exit_for(answers) if len(answers) == len(last) else Exit.BROKEN)


def _command(after: Sequence[str]) -> list[str]:
    """What verifies a state: `harness verify` where nothing else is given; `harness` is this one."""
    given = [*after] or ["harness", "verify", "--quiet"]
    return [*own_command(), *given[1:]] if given[0] == "harness" else given


def _points(state: State, command: Sequence[str], work: Path, kept: Path) -> Iterator[Point]:
    """Run the command in a state's files; the runs that it left in `kept`."""
    kept.mkdir(parents=True)
    log = kept / "output.log"
    environment = {**os.environ, RUNS_SETTING: str(kept), lifeline.OWNER: lifeline.token()}
    with log.open("wb") as output:
        try:
            status = subprocess.run(
                command, cwd=work, env=environment, stdin=subprocess.DEVNULL, stdout=output, stderr=output, check=False
            ).returncode
        except OSError as error:
            output.write(f"{command[0]} can't be run: {error.strerror}\n".encode())
            status = 127
    made = sorted(indexed(kept), key=lambda each: each.made_s)
    if not made:
        yield Point(state, None, status)
    for run in made:
        yield Point(state, run, status)


def _told(point: Point) -> str:
    run = point.run
    if run is None:
        return f"no run, exit status {point.status}"
    return " ".join(filter(None, (run.strategy, run.verdict, f"at {run.bad}" if run.bad else "", run.cause)))
