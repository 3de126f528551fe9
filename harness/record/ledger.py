"""The record of one run, read back: its contract, sightings, facts and payloads, and how it ends (see blocks)."""

from __future__ import annotations

import gc
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import repeat
from pathlib import Path
from typing import IO, Any

from harness.model import SCHEMA, AnyFact, Contract, Record, Sighting
from harness.record import jsonl
from harness.record.blocks import CONTRACT, FIRST_LINE, RECORDS, Ending, blocks
from harness.record.errors import LedgerError
from harness.record.payloads import Payloads
from harness.record.typed import reader

__all__ = ["FILE", "Ending", "Ledger", "LedgerError", "collector_at_rest", "find", "read"]

FILE = "run.ledger"
"""The ledger's name in the folder of a run."""

FORMER_FILE = "ledger.jsonl"
"""Its name where it was kept as JSON lines."""


@dataclass(frozen=True, slots=True)
class Ledger:
    """A run read back. What comes from a file is made an object only when it is asked for."""

    contract: Contract
    sightings: Sequence[Sighting]
    facts: Sequence[AnyFact]
    ending: Ending = Ending.COMPLETE
    payloads: Mapping[str, Any] = field(default_factory=dict)
    """What events said, by its digest, as far as it was kept."""
    checksum: str = ""
    """The running checksum where reading stopped; empty for one that is not from a file, or has none."""

    @classmethod
    def of(cls, contract: Contract, records: Iterable[Record]) -> Ledger:
        """A ledger from records in memory."""
        parts = jsonl.Parts()
        kept = Payloads()
        for record in records:
            parts.take([*kept.new(record), record])
        return cls(contract, tuple(parts.sightings), tuple(parts.facts), payloads=parts.payloads)

    def records(self) -> Iterator[Record]:
        """Everything, sightings first."""
        yield from self.sightings
        yield from self.facts


def find(folder: Path) -> Path:
    """The ledger in the folder of a run, where it is or ought to be."""
    former = folder / FORMER_FILE
    return former if former.is_file() and not (folder / FILE).is_file() else folder / FILE


def read(path: Path, is_running: bool = False) -> Ledger:
    """Read a ledger back. Raises LedgerError when there is none, or when it is not one.

    While it `is_running`, a run's ledger is complete as far as it is written.
    """
    if path.exists() and not path.is_file() and not path.is_dir():
        raise LedgerError(f"{path}: no ledger can be read here (it is not a regular file). Name the folder of a run.")
    try:
        with path.open("rb") as file, collector_at_rest():
            if not file.peek(len(_NAME)).startswith(_NAME):
                contract, parts, torn = jsonl.read_lines(path, file)
                ending = Ending.CUT if torn else Ending.COMPLETE
                return Ledger(contract, tuple(parts.sightings), tuple(parts.facts), ending, parts.payloads)
            return _read_blocks(path, file, is_running)
    except OSError as error:
        raise LedgerError(f"{path}: no ledger can be read here ({error.strerror}). Name the folder of a run.") from None


def exported(ledger: Ledger) -> Iterator[str]:
    """A ledger as JSON lines (see jsonl), in the order in which it was written, payloads first."""
    return jsonl.lines_of(ledger.contract, ledger.payloads.items(), _as_written(ledger))


def _as_written(ledger: Ledger) -> Iterator[Record]:
    places: Iterable[int] = getattr(ledger.facts, "place", repeat(len(ledger.sightings)))
    before = 0
    for place, fact in zip(places, ledger.facts, strict=False):
        yield from ledger.sightings[before:place]
        before = place
        yield fact
    yield from ledger.sightings[before:]


_NAME = FIRST_LINE.rpartition(b" ")[0]


def _read_blocks(path: Path, file: IO[bytes], is_running: bool) -> Ledger:
    from harness.record.columns import Facts, Sightings  # numpy takes a tenth of a second to import
    from harness.record.tables import Gathered, Tables

    first = file.read(len(FIRST_LINE))
    if first != FIRST_LINE:
        raise LedgerError(
            f"{path}: it begins with {first!r}, and this harness reads {SCHEMA}. Use the version that wrote it."
        )
    contract, gathered, where = None, Gathered(), ""
    try:
        for number, block in enumerate(blocks(file), 1):
            where = f"block {number}"
            if block.kind == CONTRACT:
                contract = _contract(path, block.body)
            elif block.kind == RECORDS:
                gathered.take(block.body)
            ending, checksum = block.ending, block.checksum
        where = "its columns"
        tables = Tables(gathered)
        sightings, facts = Sightings(tables, gathered), Facts(tables, gathered)
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise LedgerError(f"{path}: {where} can't be read ({jsonl.why(error)}). Was the file edited?") from None
    if contract is None:
        raise LedgerError(f"{path}: there is no contract in it: its beginning is missing. Was the file edited?")
    if is_running and ending is Ending.CUT:
        ending = Ending.COMPLETE
    return Ledger(contract, sightings, facts, ending, tables.payloads, checksum)


def _contract(path: Path, body: bytes) -> Contract:
    head = reader(jsonl.Head)(json.loads(body))
    if head.schema != SCHEMA:
        raise LedgerError(
            f"{path}: schema {head.schema}, and this harness reads {SCHEMA}. Use the version that wrote it."
        )
    return reader(Contract)(head.contract)


@contextmanager
def collector_at_rest() -> Iterator[None]:
    """Keep Python's collector from looking through a million new objects again and again: all of them are kept.

    For steps that make many objects and drop few; it takes a third off the time of reading and judging a long ledger.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
