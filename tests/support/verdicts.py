"""Prints the verdict on every ledger of a folder, and on some that records were taken out of: one line each.

python -m tests.support.verdicts tests/ledgers [EVERY]: of all of them, or of every second, third …
"""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from harness.diagnosis import verdict_of
from harness.record.ledger import Ledger
from harness.selftest.defects.keeping import kept

SPOILED = 1
"""How many versions of each ledger are judged beside itself."""


def main() -> None:
    """See the module."""
    with TemporaryDirectory(prefix="harness-kept-") as folder:
        for file in sorted(Path(sys.argv[1]).glob("*.gz"))[:: int(*sys.argv[2:] or "1")]:
            for ledger in _spoiled(kept(file, Path(folder)), random.Random(file.name)):
                sys.stdout.write(f"{verdict_of(ledger)!r}\n")


def _spoiled(ledger: Ledger, choice: random.Random) -> Iterator[Ledger]:
    """The ledger, and versions of it in which some sightings are missing and others come in another order."""
    yield ledger
    for _ in range(SPOILED):
        sightings = list(ledger.sightings)
        for _ in range(min(len(sightings), choice.randint(1, 6))):
            sightings.pop(choice.randrange(len(sightings)))
        for _ in range(min(len(sightings), choice.randint(0, 2))):
            place, other = choice.randrange(len(sightings)), choice.randrange(len(sightings))
            before, behind = sightings[place], sightings[other]
            sightings[place], sightings[other] = replace(before, n=behind.n), replace(behind, n=before.n)
        yield replace(ledger, sightings=tuple(sightings))


if __name__ == "__main__":
    main()
