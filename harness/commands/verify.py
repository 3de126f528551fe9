"""`harness verify`: every strategy asked for, with a table at the end."""

from __future__ import annotations

import argparse

from harness.commands.output import conclude
from harness.exits import exit_for
from harness.model import Answer
from harness.processes import stop_orphans
from harness.reporting.terminal import Progress
from harness.target import reference
from harness.verify import Judged, verify


def main(arguments: argparse.Namespace) -> int:
    """Verify, print, and say by the status how it went."""
    stop_orphans()
    target = reference()
    judged: list[Judged] = []
    with Progress(quiet=arguments.quiet) as progress:
        judged += verify(target, arguments.strategy or target.strategies, progress.step)
    conclude(judged, arguments)
    return int(exit_for([Answer(each.verdict.answer) for each in judged]))
