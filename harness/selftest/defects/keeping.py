"""Ledgers of seeded defects kept for tests: compressed, and without the paths of the machine that they were made on."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

from harness.locations import BUNDLE
from harness.record.ledger import Ledger, exported, read

SCRUBBED = (
    (re.compile(re.escape(f"{BUNDLE}/")), ""),
    (re.compile(re.escape(str(BUNDLE))), "."),
    (re.compile(r'(?<=")/[^"\s]*/(harness-[^"/\s]+)'), r"/tmp/harness"),  # noqa: S108  # a name in a text
)
"""What is taken out of a ledger's text, and what is put there instead."""


def keep(ledger: Path, into: Path) -> None:
    """Keep a ledger as `into`, as JSON lines; the same ledger gives the same bytes."""
    text = "".join(exported(read(ledger)))
    for pattern, instead in SCRUBBED:
        text = pattern.sub(instead, text)
    into.parent.mkdir(parents=True, exist_ok=True)
    into.write_bytes(gzip.compress(text.encode(), mtime=0))


def kept(file: Path, folder: Path) -> Ledger:
    """A ledger that was kept, read back by way of `folder`. Raises LedgerError."""
    unpacked = folder / f"{file.name.removesuffix('.gz')}"
    unpacked.write_bytes(gzip.decompress(file.read_bytes()))
    return read(unpacked)
