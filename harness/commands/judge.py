"""`harness judge RUN`: the verdict of a stored run again, from its ledger alone."""

from __future__ import annotations

import argparse

from harness.commands.exits import exit_for
from harness.commands.output import conclude
from harness.commands.stored import named_run
from harness.judging import judge_folder


def main(arguments: argparse.Namespace) -> int:
    """Judge, print, and say by the status how it went."""
    judged = judge_folder(named_run(arguments.run))
    conclude([judged], arguments)
    return int(exit_for([judged.verdict.answer]))
