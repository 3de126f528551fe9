"""The subcommands, one module each, with `main(arguments) -> int`; and what their errors mean."""

from __future__ import annotations

import argparse
import os
import traceback
from typing import TYPE_CHECKING

from harness.commands.exits import Exit

if TYPE_CHECKING:
    from harness.target.spec import Target


def chosen_target(arguments: argparse.Namespace) -> Target:
    """The system that `--target` names, or the reference system. Raises TargetError."""
    if arguments.target is None:
        from harness.target.reference import reference

        return reference()
    from harness.target.file import load

    return load(arguments.target)


def chosen_strategies(target: Target, wanted: list[str] | None) -> tuple[str, ...]:
    """The strategies to verify. Raises TargetError for one that the system doesn't promise."""
    from harness.target.spec import TargetError

    for strategy in wanted or ():
        if strategy not in target.strategies:
            promised = ", ".join(target.strategies)
            raise TargetError(f"target {target.name} doesn't promise {strategy}; it promises {promised}.")
    return tuple(wanted or target.strategies)


def explain(error: Exception) -> tuple[Exit, str]:
    """The exit status of an error, and what its reader is told. What nobody foresaw is shown whole."""
    from harness.extensions import BadExtension
    from harness.gate.observed import GateError
    from harness.launch.browser import BrowserMissing
    from harness.launch.processes import ProcessError
    from harness.record.ledger import LedgerError
    from harness.reporting.allure_results import ResultsError
    from harness.reporting.allure_results.build import AllureError
    from harness.run.dashboard import PageStepError
    from harness.target.spec import TargetError

    if isinstance(error, LedgerError | TargetError | BadExtension | PageStepError | ResultsError | GateError):
        return Exit.WRONG_USE, str(error)
    if isinstance(error, BrowserMissing | ProcessError | AllureError):
        return Exit.BROKEN, str(error)
    told = f"{type(error).__name__}: {error}\nThe harness broke; the system under test is not judged by this."
    if os.environ.get("HARNESS_DEBUG"):
        told += "\n" + "".join(traceback.format_exception(error))
    else:
        told += "\nSet HARNESS_DEBUG=1 to see where."
    return Exit.BROKEN, told
