"""`harness verify`: every strategy asked for, with a table at the end."""

from __future__ import annotations

import argparse
import sys

from harness.commands.choices import chosen_faults, chosen_strategies, chosen_target
from harness.commands.exits import exit_for
from harness.commands.output import conclude
from harness.commands.stored import last_failed
from harness.judging import Judged
from harness.launch.ends import stop_orphans
from harness.launch.recordings import Recording
from harness.launch.resources import Resources
from harness.locations import runs
from harness.model import Answer
from harness.reporting.document import flaky
from harness.reporting.terminal import Progress
from harness.verify import verify


def main(arguments: argparse.Namespace) -> int:
    """Verify, print, and say by the status how it went."""
    stop_orphans()
    target = chosen_target(arguments)
    strategies = chosen_strategies(target, arguments.strategy)
    if arguments.last_failed:
        failed = last_failed(target.name, strategies, runs())
        strategies = failed or strategies
        if not failed:
            print(f"no stored run of {target.name} failed last: every strategy is verified", file=sys.stderr)
    judged: list[Judged] = []
    with Progress(quiet=arguments.quiet) as progress:
        judged += verify(
            target,
            [*strategies] * arguments.repeat,
            progress.step,
            chosen_faults(arguments),
            arguments.seed,
            lambda: Resources(arguments.headed, recording=Recording(arguments.trace, arguments.video)),
        )
    conclude(judged, arguments)
    for run, told in flaky(each.document for each in judged).items():
        print(f"flaky: {run}: {told}")
    return int(exit_for([Answer(each.verdict.answer) for each in judged]))
