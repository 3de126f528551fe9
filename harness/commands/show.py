"""`harness show RUN`: what a stored run's record says of one event, one dashboard, or all that went wrong."""

from __future__ import annotations

import argparse
import json
import sys

from harness.commands.exits import Exit
from harness.commands.stored import ChoiceError, chosen_run
from harness.extensions import nearest
from harness.judging import seen_again
from harness.reporting.answers import Answered, keys_like, of_dashboard, of_event, of_the_wrong
from harness.reporting.document import run_object
from harness.reporting.escape import clip, visible
from harness.reporting.figures import Figures
from harness.reporting.terminal import failure, say, table

WIDEST = 90


def main(arguments: argparse.Namespace) -> int:
    """Print; 0 where there was an answer, whatever the verdict."""
    run = chosen_run(arguments.run)
    evidence, verdict = seen_again(run)
    figures = Figures(evidence, verdict)
    if arguments.event is not None:
        answers = [of_event(figures, key) for key in _keys(figures, arguments.event)]
    elif arguments.dashboard is not None:
        answers = [of_dashboard(figures, _dashboard(figures, arguments.dashboard))]
    elif arguments.lost:
        answers = [of_the_wrong(figures)]
    else:
        answers = []
    if arguments.json:
        told = [each.data for each in answers] or [run_object(evidence, verdict, run, 0.0)]
        json.dump({"schema": 1, "run": str(run), "answers": told}, sys.stdout, indent=2, default=str)
        print()
    elif answers:
        for each in answers:
            _print(each)
    else:
        failure(verdict, run)
    return int(Exit.AS_PROMISED)


def _keys(figures: Figures, text: str) -> list[str]:
    found = keys_like(figures, text)
    if not found:
        names = list(dict.fromkeys(event.name for event in figures.evidence.events.values()))
        raise ChoiceError(
            f"--event {text}: the record has no such event; give a key, a number or a name: "
            f"{', '.join(names[:12]) or 'it has none at all'}{nearest(text, names)}"
        )
    return found


def _dashboard(figures: Figures, label: str) -> str:
    if label not in figures.dashboards:
        there = ", ".join(figures.dashboards) or "none"
        raise ChoiceError(f"--dashboard {label}: the run has no such dashboard; there is {there}")
    return label


def _print(answered: Answered) -> None:
    print(visible(answered.title))
    if answered.rows:
        rows = [tuple(clip(visible(cell), WIDEST) for cell in row) for row in answered.rows]
        table(answered.head, rows, (), sys.stdout)
    for note in answered.notes:
        say(f"  {visible(clip(note, 300))}", sys.stdout)
