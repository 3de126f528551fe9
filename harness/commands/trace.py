"""`harness trace RUN`: Playwright's viewer of what a dashboard did, step by step: a page served until Ctrl-C."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from pathlib import Path

from harness.commands.exits import Exit
from harness.commands.stored import ChoiceError, chosen_run
from harness.extensions import nearest
from harness.launch.browser import BrowserMissing
from harness.launch.recordings import FOLDER, TRACE
from harness.lib import lifeline

VIEWER = ("-m", "playwright", "show-trace", "--host", "127.0.0.1", "--port", "0")
"""As a page for the person's own browser: the viewer's own window needs a display and a Chromium of Playwright's."""


def main(arguments: argparse.Namespace) -> int:
    """Open it, say where it is, and serve it until it is interrupted."""
    trace = _trace_of(chosen_run(arguments.run), arguments.dashboard)
    print(f"{trace}\nuntil Ctrl-C, Playwright shows it in your browser:", flush=True)
    env = {**os.environ, lifeline.OWNER: lifeline.token()}  # it ends with this process, however that ends
    if subprocess.run([sys.executable, *VIEWER, str(trace)], env=env, check=False).returncode != 0:
        raise BrowserMissing(f"Playwright's viewer ended with an error, told above.\n{trace} can be opened elsewhere.")
    return int(Exit.AS_PROMISED)


def _trace_of(run: Path, dashboard: str | None) -> Path:
    found = {each.name.removesuffix(TRACE): each for each in sorted((run / FOLDER).glob(f"*{TRACE}"))}
    if not found:
        raise ChoiceError(f"{run} has no trace: `harness verify --trace` records one of each dashboard.")
    if dashboard is not None and dashboard not in found:
        there = f"there is {', '.join(found)}{nearest(dashboard, found)}"
        raise ChoiceError(f"--dashboard {dashboard}: the run has no trace of it; {there}")
    return found[dashboard or next(iter(found))]
