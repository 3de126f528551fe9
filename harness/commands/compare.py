"""`harness compare RUN RUN`: two stored runs side by side, and what is not alike in them."""

from __future__ import annotations

import argparse
import json
import sys

from harness.commands.choices import chosen_run
from harness.commands.exits import Exit
from harness.reporting.comparison import Comparison, Line, compared
from harness.reporting.escape import clip, visible
from harness.reporting.figures import Figures
from harness.reporting.terminal import say, table
from harness.verify import seen_again

WIDEST, MOST = 48, 60


def main(arguments: argparse.Namespace) -> int:
    """Print; 0 where the runs are alike, 1 where they are not."""
    runs = [chosen_run(each) for each in arguments.runs]
    left, right = (Figures(*seen_again(run)) for run in runs)
    found = compared(left, right)
    if arguments.json:
        json.dump({"schema": 1, "runs": [str(run) for run in runs], **found.document()}, sys.stdout, indent=2)
        print()
    else:
        _print(found, [run.name for run in runs])
    return int(Exit.AS_PROMISED if found.is_alike else Exit.FAILED)


def _print(found: Comparison, names: list[str]) -> None:
    head = ("", *(clip(visible(name), WIDEST) for name in names), "")
    table(head, [_row(line) for line in (*found.ends, *found.hops)], (), sys.stdout)
    for title, lines in (("events", found.events), ("what the pages show", found.shown)):
        if lines:
            say(f"{title}, where it is not alike", sys.stdout)
            table(head, [_row(line) for line in lines[:MOST]], (), sys.stdout)
            if len(lines) > MOST:
                say(f"… and {len(lines) - MOST} more (--json has all)", sys.stdout)
    say("the runs are alike" if found.is_alike else "the runs are not alike", sys.stdout)


def _row(line: Line) -> tuple[str, ...]:
    cells = (clip(visible(text), WIDEST) for text in (line.name, line.left, line.right))
    return (*cells, "≠" if line.differs else "")
