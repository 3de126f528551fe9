"""`harness reproduce NAME`: the documented bug, made to happen; success is that it was caught and blamed rightly."""

from __future__ import annotations

import argparse

from harness.commands.exits import Exit
from harness.commands.output import conclude
from harness.launch.ends import stop_orphans
from harness.model import Answer
from harness.reporting.terminal import Progress
from harness.selftest.reproductions import REPRODUCTIONS, complaints, reproduce
from harness.target.reference import reference


def main(arguments: argparse.Namespace) -> int:
    """Reproduce, print, and say by the status whether loss, hop, cause and evidence are as they should be."""
    stop_orphans()
    wanted = REPRODUCTIONS[arguments.defect]
    if not arguments.quiet:
        where = f"hop {wanted.hop.label}, cause {wanted.name}"
        print(f"{wanted.name} is a bug that is made to happen: the run is expected to fail ({where}).", flush=True)
    with Progress(quiet=arguments.quiet) as progress:
        judged = reproduce(reference(), wanted, progress.step)
    conclude([judged], arguments)
    wrong = complaints(wanted, judged.verdict)
    if wrong:
        print(f"NOT reproduced: {'; '.join(wrong)}")
        return int(Exit.UNKNOWN if judged.verdict.answer is Answer.UNKNOWN else Exit.FAILED)
    print(f"reproduced: {wanted.name} happened, and was blamed on hop {wanted.hop.label} with its evidence")
    return int(Exit.AS_PROMISED)
