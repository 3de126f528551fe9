"""Writes the ledger of a run while it goes on: records are taken in at once, and a thread of its own writes them.

A record is with the operating system `GATHERED_S` after it came, and the time that encoding takes: of a harness that is
killed, no more than that is missing.
"""

from __future__ import annotations

import json
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import cast

from harness.lib.closing import Closing
from harness.model import SCHEMA, Contract, Record, Sighting
from harness.record.blocks import CONTRACT, END, FIRST_LINE, RECORDS, Sealer
from harness.record.encoder import Encoder
from harness.record.many import Sightings

GATHERED_S = 0.05
"""How long records are gathered for one block."""

MOST = 1 << 15
"""Records in a block, at most; and how many may wait before who writes one has to help."""


class LedgerWriter(Closing):
    """Appends records to a file, from any thread. Whatever it wrote can be read at any time after `flush`."""

    def __init__(
        self, path: Path, contract: Contract, mask: Callable[[Record], Record] = lambda record: record
    ) -> None:
        """`mask` gives each record as it is kept."""
        self._mask = mask
        self._encoder, self._sealer = Encoder(), Sealer()
        self._waiting: deque[Record] = deque()
        self._lock = threading.Lock()
        self._wake, self._ending = threading.Event(), threading.Event()
        self._error: OSError | None = None
        self._written = 0
        head = json.dumps({"schema": SCHEMA, "contract": asdict(contract)}).encode()
        begun = path.with_name(f"{path.name}.begun")
        self._file = begun.open("wb", buffering=0)
        self._file.write(FIRST_LINE + self._sealer.block(CONTRACT, head))
        begun.rename(path)  # a ledger always has its contract, however short the run was
        self._thread = threading.Thread(target=self._write_what_comes, name="ledger", daemon=True)
        self._thread.start()

    def write(self, record: Record) -> None:
        """Append one record. After `close` records are dropped: a shared server may still speak of this run."""
        if self._ending.is_set():
            return
        self._waiting.append(record)
        if not self._wake.is_set():
            self._wake.set()
        elif len(self._waiting) > 2 * MOST:
            self._write_waiting()

    def write_many(self, columns: Sightings) -> None:
        """Append sightings that came as columns, after all that was written before."""
        said = [cast("Sighting", self._mask(each)) for each in columns.said]
        for part in replace(columns, said=said).parts(MOST):
            self._write_waiting()
            with self._lock:
                if not self._ending.is_set() and self._error is None:
                    self._put(self._encoder.many(part), len(part))

    def flush(self) -> None:
        """Hand everything to the operating system. Raises OSError where that was not possible."""
        self._write_waiting()
        if self._error is not None:
            raise self._error

    def cut(self) -> None:
        """Hand everything so far to the operating system and take nothing more: the run is broken off.

        What its processes do when they are ended is not among its events. The file has no end, and says so by that.
        """
        self._ending.set()
        self._wake.set()
        self._write_waiting()

    def close(self) -> None:
        """Write what is left, and the end. Closing again does nothing."""
        if self._ending.is_set():
            return
        self._ending.set()
        self._wake.set()
        self._thread.join()
        self._write_waiting()
        with self._lock:
            if self._error is None:
                self._file.write(self._sealer.block(END, json.dumps({"records": self._written}).encode()))
            self._file.close()
        if self._error is not None:
            raise self._error

    def _write_what_comes(self) -> None:
        while not self._ending.is_set():
            self._wake.wait()
            self._wake.clear()
            if not self._ending.wait(GATHERED_S):
                self._write_waiting()

    def _write_waiting(self) -> None:
        """Write what waits now, as blocks."""
        with self._lock:
            left = len(self._waiting)
            while left > 0 and self._error is None:
                some = [self._waiting.popleft() for _ in range(min(left, MOST))]
                left -= len(some)
                self._append(some)

    def _append(self, records: list[Record]) -> None:
        self._put(self._encoder.body([*map(self._mask, records)]), len(records))

    def _put(self, body: bytes, count: int) -> None:
        left = memoryview(self._sealer.block(RECORDS, body))
        try:
            while left:
                left = left[self._file.write(left) :]
        except OSError as error:  # told by `flush` and `close`: a thread fails silently
            self._error = error
        self._written += count
