"""The exit codes of every command: an interface, see docs/exit-codes.md."""

from __future__ import annotations

from enum import IntEnum

from harness.model import Answer


class Exit(IntEnum):
    """What a command says by its status."""

    AS_PROMISED = 0
    FAILED = 1
    """The system under test failed."""
    WRONG_USE = 2
    UNKNOWN = 3
    """Evidence is missing: neither passed nor failed."""
    BROKEN = 4
    """The harness or the machine broke: nothing is said of the system."""


def exit_for(answers: list[Answer]) -> Exit:
    """The status for the verdicts of several runs: one failure is a failure, else one unknown is unknown."""
    if Answer.FAILED in answers:
        return Exit.FAILED
    return Exit.UNKNOWN if Answer.UNKNOWN in answers or not answers else Exit.AS_PROMISED
