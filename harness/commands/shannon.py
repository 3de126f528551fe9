"""`harness shannon`: the reference system's CLI in this process, for a person who uses what `harness up` started."""

from __future__ import annotations

import argparse
import sys

from harness.target.reference import imported


def main(arguments: argparse.Namespace) -> int:
    """Its own status: it parses its own arguments, and tells its own errors."""
    sys.argv = ["shannon", *arguments.arguments]
    return int(imported("fixtures.cli.__main__").main())
