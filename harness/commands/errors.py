"""What an error means to a person: an exit status and a message, never a traceback for a user's mistake."""

from __future__ import annotations

import os
import traceback

from harness.commands.exits import Exit


def explain(error: Exception) -> tuple[Exit, str]:
    """The exit status of an error, and what its reader is told. An unforeseen error is shown whole."""
    from harness.archive.states import StatesError
    from harness.commands.stored import ChoiceError
    from harness.extensions import BadExtension
    from harness.faults import NothingToStrike
    from harness.gate.observed import GateError
    from harness.judge.judge import UnknownStrategy
    from harness.launch.browser import BrowserMissing
    from harness.launch.processes import ProcessError
    from harness.record.ledger import LedgerError
    from harness.reporting.allure_results import ResultsError
    from harness.reporting.allure_results.build import AllureError
    from harness.run.dashboard import PageStepError
    from harness.target.process import TargetError

    mistakes = (
        ChoiceError,
        StatesError,
        UnknownStrategy,
        LedgerError,
        TargetError,
        BadExtension,
        NothingToStrike,
        PageStepError,
        ResultsError,
        GateError,
    )
    if isinstance(error, mistakes):
        return Exit.WRONG_USE, str(error)
    if isinstance(error, BrowserMissing | ProcessError | AllureError):
        return Exit.BROKEN, str(error)
    told = f"{type(error).__name__}: {error}\nThe harness broke; the system under test is not judged by this."
    if os.environ.get("HARNESS_DEBUG"):
        told += "\n" + "".join(traceback.format_exception(error))
    else:
        told += "\nSet HARNESS_DEBUG=1 to see where."
    return Exit.BROKEN, told
