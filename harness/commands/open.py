"""`harness open RUN`: the page of a stored run in this machine's browser; without a run that of all runs."""

from __future__ import annotations

import argparse

from harness.commands.exits import Exit
from harness.commands.opened import opened
from harness.commands.stored import ChoiceError, chosen_run

PAGE = "run.html"


def main(arguments: argparse.Namespace) -> int:
    """Open it, and say where it is."""
    if arguments.run is None:
        from harness.commands.index import main as index

        return index(argparse.Namespace(no_open=False))
    run = chosen_run(arguments.run)
    page = (run / PAGE).resolve()
    if not page.is_file():
        raise ChoiceError(f"{run} has no {PAGE}: `harness judge {run}` writes it.")
    opened(page)
    return int(Exit.AS_PROMISED)
