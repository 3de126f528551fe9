"""`harness soak`: clean runs in random order under disturbance; success is that none of them raised an alarm."""

from __future__ import annotations

import argparse
import json
import os
import platform
import secrets
import time
from collections.abc import Sequence

from harness.commands.exits import Exit
from harness.faults import lasting
from harness.launch.ends import stop_orphans
from harness.reporting.escape import visible
from harness.reporting.progress import Bar
from harness.selftest.soak.plan import plan
from harness.selftest.soak.record import Totals, bound_in_words, document, markdown
from harness.selftest.soak.runs import Soak, Trial
from harness.target.reference import reference

INTERRUPTED_GENTLY = True
"""It sums up what it has so far."""

INTERRUPTED = 130
"""The exit status of a soak that was broken off, whatever it found (docs/exit-codes.md)."""


def main(arguments: argparse.Namespace) -> int:
    """Run, print alarms and the bound, and say by the status whether every run passed.

    An interrupted soak is told and recorded as far as it went: hours of runs are not thrown away.
    """
    stop_orphans()
    seed = secrets.randbelow(1 << 32) if arguments.seed is None else arguments.seed
    target, known, started, trials = reference(), lasting(), time.monotonic(), list[Trial]()
    draws, is_interrupted = plan(arguments.runs, seed, target.strategies, tuple(known)), False
    try:
        with Bar("soak", arguments.runs, quiet=arguments.quiet) as bar, Soak(target, known) as soak:
            for draw in draws:
                trials.append(trial := soak.run(draw))
                told = "BROKEN" if trial.answer is None else trial.answer.value
                bar.advance(f"{draw.strategy} over {draw.transport}: {told} in {trial.seconds:.1f} s")
    except KeyboardInterrupt:
        is_interrupted = True
    seconds = time.monotonic() - started
    totals = Totals.of(trials)
    _show(trials, totals, seed, seconds)
    if arguments.json is not None:
        arguments.json.write_text(json.dumps(document(trials, seed, seconds), indent=2) + "\n")
    if arguments.table is not None:
        resources = f"{os.cpu_count()} cores, {platform.system()}, Python {platform.python_version()}"
        arguments.table.write_text("\n".join(markdown(trials, seed, seconds, known, resources)) + "\n")
    return INTERRUPTED if is_interrupted else int(_status(totals))


def _show(trials: Sequence[Trial], totals: Totals, seed: int, seconds: float) -> None:
    for trial in trials:
        if trial.folder is not None:
            draw, what = trial.draw, "the harness broke" if trial.answer is None else trial.answer.value
            disturbed = ", ".join(draw.faults) or "no fault"
            print(f"run {draw.number}, {draw.strategy} over {draw.transport}, {disturbed}: {what}")
            print(f"  {visible(trial.told)}\n  {visible(trial.folder)}")
    counts = f"{totals.alarms} false alarms, {totals.unknown} unknown, {totals.broken} broken"
    print(f"{totals.runs} runs in {seconds:.0f} s, seed {seed}: {counts}")
    print(bound_in_words(totals))


def _status(totals: Totals) -> Exit:
    if totals.alarms:
        return Exit.FAILED
    if totals.broken:
        return Exit.BROKEN
    return Exit.UNKNOWN if totals.unknown else Exit.AS_PROMISED
