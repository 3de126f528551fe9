"""`harness ledger RUN`: what a run's ledger holds and whether it is whole; `--jsonl` writes it as JSON lines."""

from __future__ import annotations

import argparse
import sys
from collections import Counter

from harness.commands.exits import Exit
from harness.commands.stored import named_run
from harness.model import Hop
from harness.record.ledger import Ending, exported, find, read

_MEANS = {
    Ending.COMPLETE: "complete",
    Ending.CUT: "cut: it stops before its end, because the harness was stopped while it wrote",
    Ending.TAMPERED: "tampered: it was changed after it was written; what follows the first wrong checksum is left out",
}


def main(arguments: argparse.Namespace) -> int:
    """Print; 0 where the ledger is whole, 3 where it is not."""
    run = named_run(arguments.run)
    path = find(run) if run.is_dir() or not run.exists() else run
    ledger = read(path)
    if arguments.jsonl:
        sys.stdout.writelines(exported(ledger))
    else:
        size = path.stat().st_size
        hops = Counter(each.hop for each in ledger.sightings)
        seen = ", ".join(f"{hop.label} {hops[hop]:,}" for hop in Hop if hops[hop])
        print(f"{path}: {size:,} bytes")
        print(f"{len(ledger.sightings):,} sightings ({seen or 'none'}), {len(ledger.facts):,} facts")
        print(f"checksum {ledger.checksum or 'none: JSON lines have no checksum'}")
        print(_MEANS[ledger.ending])
    return int(Exit.AS_PROMISED if ledger.ending is Ending.COMPLETE else Exit.UNKNOWN)
