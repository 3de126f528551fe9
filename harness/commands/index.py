"""`harness index`: a page of all stored runs."""

from __future__ import annotations

import argparse

from harness.archive.index import indexed
from harness.archive.page import write
from harness.commands.exits import Exit
from harness.commands.opened import opened
from harness.commands.stored import ChoiceError
from harness.locations import runs


def main(arguments: argparse.Namespace) -> int:
    """Write the page, say where it is, and open it."""
    found = indexed(runs())
    if not found:
        raise ChoiceError(f"there is no run in {runs()} yet: make one, as `harness verify` does.")
    page = write(runs(), found)
    if arguments.no_open:
        print(page)
    else:
        opened(page)
    return int(Exit.AS_PROMISED)
