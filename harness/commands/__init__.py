"""The subcommands, one module each, with `main(arguments) -> int`; and what their errors mean."""

from __future__ import annotations

import os
import traceback

from harness.exits import Exit


def explain(error: Exception) -> tuple[Exit, str]:
    """The exit status of an error, and what its reader is told. What nobody foresaw is shown whole."""
    from harness.browser import BrowserMissing
    from harness.ledger import LedgerError
    from harness.processes import ProcessError
    from harness.registry import BadExtension
    from harness.results import ResultsError
    from harness.results.build import AllureError
    from harness.target import TargetError

    if isinstance(error, LedgerError | TargetError | BadExtension | ResultsError):
        return Exit.WRONG_USE, str(error)
    if isinstance(error, BrowserMissing | ProcessError | AllureError):
        return Exit.BROKEN, str(error)
    told = f"{type(error).__name__}: {error}\nThe harness broke; the system under test is not judged by this."
    if os.environ.get("HARNESS_DEBUG"):
        told += "\n" + "".join(traceback.format_exception(error))
    else:
        told += "\nSet HARNESS_DEBUG=1 to see where."
    return Exit.BROKEN, told
