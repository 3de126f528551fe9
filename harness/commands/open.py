"""`harness open RUN`: the page of a stored run in the browser of whoever sits here; without a run that of all runs."""

from __future__ import annotations

import argparse
import webbrowser
from pathlib import Path

from harness.commands.choices import ChoiceError, chosen_run
from harness.commands.exits import Exit

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


def opened(page: Path) -> None:
    """Open a page, and say where it is: on a machine without a browser that is all that can be done."""
    print(page)
    if not webbrowser.open(page.as_uri()):
        print("no browser was found here; open this file in one")
