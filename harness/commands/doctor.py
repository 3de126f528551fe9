"""`harness doctor`: what is missing on this machine, and how to get it."""

from __future__ import annotations

import argparse

from harness.commands.environment import examine, show
from harness.commands.exits import Exit


def main(arguments: argparse.Namespace) -> int:
    """Print every check; status 4 when the machine lacks something."""
    checks = examine()
    show(checks, print)
    return int(Exit.AS_PROMISED if all(check.ok for check in checks) else Exit.BROKEN)
