"""`harness defects`: the harness against every seeded bug; success is that each was caught and blamed rightly."""

from __future__ import annotations

import argparse
import json
import time
from contextlib import closing
from pathlib import Path

from harness.commands.exits import Exit
from harness.launch.ends import stop_orphans
from harness.record.ledger import find
from harness.reporting.progress import Bar
from harness.selftest.defects.catalogue import catalogue
from harness.selftest.defects.keeping import keep
from harness.selftest.defects.pool import play_all
from harness.selftest.defects.score import Trial, document
from harness.selftest.defects.table import show


def main(arguments: argparse.Namespace) -> int:
    """Play, print the score, and say by the status whether everything was found as it should be."""
    defects = catalogue(arguments.only or ())
    stop_orphans()
    started, trials = time.monotonic(), list[Trial]()
    with (
        Bar("defects", len(defects) * arguments.repeat, quiet=arguments.quiet) as bar,
        closing(play_all(defects, arguments.repeat)) as played,
    ):
        for trial in played:
            trials.append(trial)
            bar.advance(f"{trial.seeded.id} {'ok' if trial.is_as_expected else 'NOT as expected'}")
    seconds = time.monotonic() - started
    show(trials, seconds)
    if arguments.ledgers is not None:
        for trial in trials:
            if trial.is_as_expected and trial.repetition == 1:
                keep(find(Path(trial.run_dir)), arguments.ledgers / f"{trial.seeded.id}.jsonl.gz")
    if arguments.json is not None:
        arguments.json.write_text(json.dumps(document(trials, seconds), indent=2) + "\n")
    if any(trial.answer is None for trial in trials):
        return int(Exit.BROKEN)
    return int(Exit.AS_PROMISED if all(trial.is_as_expected for trial in trials) else Exit.FAILED)
