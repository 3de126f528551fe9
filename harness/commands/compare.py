"""`harness compare RUN RUN`: two stored runs side by side, and what is not alike in them."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping
from pathlib import Path

from harness.commands.exits import Exit
from harness.commands.stored import chosen_run
from harness.judging import seen_again
from harness.reporting.changed import Beside, beside
from harness.reporting.comparison import Comparison, Line, compared
from harness.reporting.escape import clip, visible
from harness.reporting.figures import Figures
from harness.reporting.screenshots import by_dashboard, kept
from harness.reporting.terminal import say, table

WIDEST, MOST = 48, 60


def main(arguments: argparse.Namespace) -> int:
    """Print; 0 where the runs are alike, 1 where they are not."""
    runs = [chosen_run(each) for each in arguments.runs]
    left, right = (Figures(*seen_again(run)) for run in runs)
    found = compared(left, right)
    files = _screenshots(left, right, *runs)
    pictures = {name: beside(*both) for name, both in files.items()}
    if arguments.pictures is not None:
        _write(pictures, {name: both[0].name for name, both in files.items()}, arguments.pictures)
    if arguments.json:
        shares = {name: each and round(each.found.share, 4) for name, each in pictures.items()}
        told = {"schema": 1, "runs": [str(run) for run in runs], **found.document(), "pictures": shares}
        json.dump(told, sys.stdout, indent=2)
        print()
    else:
        _print(found, [run.name for run in runs], pictures)
    return int(Exit.AS_PROMISED if found.is_alike else Exit.FAILED)


def _screenshots(left: Figures, right: Figures, left_dir: Path, right_dir: Path) -> dict[str, tuple[Path, Path]]:
    """The files of the last screenshots that both runs have of a dashboard under one caption, by `A after`."""
    mine, other = _shots(left, left_dir), _shots(right, right_dir)
    return {name: (file, other[name]) for name, file in mine.items() if name in other}


def _shots(figures: Figures, run_dir: Path) -> dict[str, Path]:
    taken = ((f"{label} {shot.caption}", shot) for label, shots in by_dashboard(figures).items() for shot in shots)
    return {name: file for name, shot in taken if (file := kept(run_dir, shot.path)) is not None}


def _write(pictures: Mapping[str, Beside | None], names: Mapping[str, str], folder: Path) -> None:
    folder.mkdir(exist_ok=True)
    for name, each in pictures.items():
        if each is not None:
            each.picture.save(folder / names[name])


def _print(found: Comparison, names: list[str], pictures: Mapping[str, Beside | None]) -> None:
    head = ("", *(clip(visible(name), WIDEST) for name in names), "")
    table(head, [_row(line) for line in (*found.ends, *found.hops)], (), sys.stdout)
    for title, lines in (("events", found.events), ("what the pages show", found.shown)):
        if lines:
            say(f"{title}, where it is not alike", sys.stdout)
            table(head, [_row(line) for line in lines[:MOST]], (), sys.stdout)
            if len(lines) > MOST:
                say(f"… and {len(lines) - MOST} more (--json has all)", sys.stdout)
    if pictures:
        shares = [(visible(name), each.found.percent if each else "not readable") for name, each in pictures.items()]
        say("screenshots, which show ids and times that differ in any two runs", sys.stdout)
        table(("", "differs"), shares, (), sys.stdout)
    say("the runs are alike" if found.is_alike else "the runs are not alike", sys.stdout)


def _row(line: Line) -> tuple[str, ...]:
    cells = (clip(visible(text), WIDEST) for text in (line.name, line.left, line.right))
    return (*cells, "≠" if line.differs else "")
