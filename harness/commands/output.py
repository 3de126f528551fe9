"""What verify, reproduce and judge have in common at their end: the table, failures in full, the JSON file."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from harness.judging import Judged
from harness.lib.documents import lines
from harness.model import Answer
from harness.reporting.document import document
from harness.reporting.terminal import failure, noticed, verify_table


def conclude(judged: Sequence[Judged], arguments: argparse.Namespace) -> None:
    """Write the JSON file where one is asked for, and print the result."""
    if arguments.json is not None:
        arguments.json.write_text(lines(document([each.document for each in judged])) + "\n")
    verify_table([(each.evidence, each.verdict, each.seconds) for each in judged])
    for each in judged:
        noticed(each.evidence)
        if each.verdict.answer is not Answer.PASSED:
            failure(each.verdict, each.folder)
    for each in judged:
        print(f"report: {shown(each)}")


def shown(judged: Judged) -> str:
    """The report's path, relative where that is shorter."""
    from pathlib import Path

    here = Path.cwd()
    return str(judged.report.relative_to(here) if judged.report.is_relative_to(here) else judged.report)
