"""`harness report`: Allure Report 3 from the results of pytest runs."""

from __future__ import annotations

import argparse
import sys

from harness.commands.exits import Exit
from harness.reporting.allure_results import RANK, Results, missing, read
from harness.reporting.allure_results.build import build


def main(arguments: argparse.Namespace) -> int:
    """Build, compare the counts, and say by the status how the tests ended: building alone proves nothing."""
    results = read(arguments.results)
    report = build(arguments.results, arguments.output, arguments.history)
    count = results.count()
    print(f"tests:  {len(results.last)} ({', '.join(f'{count[status]} {status}' for status in RANK if count[status])})")
    print(f"report: {report.single} (one file, opens offline)")
    print(f"        {report.page.parent} (to be served)")
    if report.note:
        print(f"note:   {report.note}.")
    differences = missing(results)
    if report.tests != len(results.last):
        differences.append(f"Allure shows {report.tests} tests, and the results are of {len(results.last)}")
    for text in differences:
        print(f"harness: incomplete: {text}", file=sys.stderr)
    return int(Exit.BROKEN if differences else status_of(results))


def status_of(results: Results) -> Exit:
    """How the tests ended: a failed product before missing evidence, and that before a broken harness."""
    if any(each.status == "failed" for each in results.last):
        return Exit.FAILED
    bad = [each for each in results.last if each.status in {"broken", "unknown"}]
    if any(each.label("verdict") != "unknown" for each in bad):
        return Exit.BROKEN
    return Exit.UNKNOWN if bad else Exit.AS_PROMISED
