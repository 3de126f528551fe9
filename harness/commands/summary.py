"""`harness summary`: the results of pytest runs as Markdown for a job's page, and as annotations."""

from __future__ import annotations

import argparse
import sys

from harness.commands.exits import Exit
from harness.reporting.allure_results import read
from harness.reporting.allure_results.summary import github_annotations, markdown


def main(arguments: argparse.Namespace) -> int:
    """Write the summary; the tests' own status was pytest's to give."""
    results = read(arguments.results)
    text = markdown(results)
    if arguments.append is None:
        sys.stdout.write(text)
    else:
        with arguments.append.open("a", encoding="utf-8") as file:
            file.write(text)
    if arguments.annotate:
        for line in github_annotations(results):
            print(line)
    return int(Exit.AS_PROMISED)
