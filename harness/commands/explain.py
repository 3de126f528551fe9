"""`harness explain CAUSE`: what a cause means, from its rule: where it shows itself, what it needs, what to do."""

from __future__ import annotations

import argparse
import sys

from harness.commands.exits import Exit
from harness.diagnosis import rules
from harness.diagnosis.engine import has_head
from harness.diagnosis.unexplained import CAUSE as UNEXPLAINED
from harness.extensions import nearest
from harness.reporting.catalogue import explanation, overview

NO_CAUSE = (
    "unexplained: no rule explains it.",
    "",
    "The hop is right, and the record shows no cause that a rule knows. The evidence lists what was found; the run's",
    "page shows what came before it. docs/write-a-cause.md says how to add a rule.",
)


def main(arguments: argparse.Namespace) -> int:
    """Print the explanation, or the list of causes where none is named."""
    known = {name: rule for name, rule in rules().items() if has_head(rule)}
    if arguments.cause is None:
        print("\n".join(overview(known.values())))
    elif arguments.cause == UNEXPLAINED:
        print("\n".join(NO_CAUSE))
    elif arguments.cause in known:
        print("\n".join(explanation(known[arguments.cause])))
    else:
        end = nearest(arguments.cause, [*known, UNEXPLAINED])
        print(f"harness: there is no cause {arguments.cause!r}{end}", file=sys.stderr)
        print("`harness explain` alone lists all of them.", file=sys.stderr)
        return Exit.WRONG_USE
    return Exit.AS_PROMISED
