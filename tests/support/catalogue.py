"""The page of causes with an example of each, from runs on paper and stored ones: `make docs` writes it."""

from __future__ import annotations

import sys

from harness.diagnosis import rules, verdict_of
from harness.model import Blame
from harness.reporting.catalogue import page
from tests.support.readings import runs


def examples() -> dict[str, Blame]:
    """For each cause a blame of a run that has it."""
    found: dict[str, Blame] = {}
    for name, ledger in runs().items():
        if name.startswith(("cause-", "stored-")) and name.partition("-")[2] in rules():
            for blame in verdict_of(ledger()).blame:
                found.setdefault(blame.cause, blame)
    return found


if __name__ == "__main__":
    sys.stdout.write(page(rules().values(), examples()))
