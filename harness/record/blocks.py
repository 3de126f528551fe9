"""The file of a ledger as blocks, each with its checksum and with a running checksum of all before it.

    file   = "event-stream-harness ledger 2\n" block*
    block  = head body
    head   = kind (1 byte) · length of the body (4) · checksum of the body (16) · running checksum (16)
    kind   = "C" the contract, first · "R" records · "E" the end, last

Numbers are little-endian; checksums are BLAKE2b of 16 bytes. The running one is that of the running checksum before it
(of the file's first line at the start), the kind and length of the block, and the checksum of its body: whatever is
changed, moved or left out before the end shows. A file without an end was cut off. What a block was written to is not
changed any more.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from hashlib import blake2b
from typing import IO

FIRST_LINE = b"event-stream-harness ledger 2\n"

CONTRACT, RECORDS, END = b"C", b"R", b"E"

LARGEST = 1 << 30
"""A longer body is taken for damage, before memory is asked for it."""

_HEAD = struct.Struct("<cI16s16s")


class Ending(StrEnum):
    """How a ledger ends. One sentence defines each."""

    COMPLETE = "complete"  # it has its end, and every checksum is right
    CUT = "cut"  # it stops before its end: its writer was stopped
    TAMPERED = "tampered"  # a checksum is wrong, or something follows its end: it was changed after it was written


@dataclass(frozen=True, slots=True)
class Block:
    """One block that was read, or in its place how the file ends and the running checksum there."""

    kind: bytes
    body: bytes = b""
    ending: Ending = Ending.COMPLETE
    checksum: str = ""


class Sealer:
    """Makes blocks, each sealed with what came before it."""

    def __init__(self) -> None:
        self._running = _digest(FIRST_LINE)

    def block(self, kind: bytes, body: bytes) -> bytes:
        """A block as it is written."""
        checksum = _digest(body)
        self._running = _after(self._running, kind, len(body), checksum)
        return _HEAD.pack(kind, len(body), checksum, self._running) + body


def blocks(file: IO[bytes]) -> Iterator[Block]:
    """The blocks of a file, read from after its first line; the last one says how it ends.

    What stands after a wrong checksum is not read: nothing of it can be believed.
    """
    running, ended = _digest(FIRST_LINE), False
    while head := file.read(_HEAD.size):
        if ended:
            yield Block(b"", ending=Ending.TAMPERED, checksum=running.hex())
            return
        if len(head) < _HEAD.size:
            break
        kind, length, checksum, told = _HEAD.unpack(head)
        if kind not in (CONTRACT, RECORDS, END) or length > LARGEST:
            yield Block(b"", ending=Ending.TAMPERED, checksum=running.hex())
            return
        body = file.read(length)
        if len(body) < length:
            break
        after = _after(running, kind, length, checksum)
        if _digest(body) != checksum or after != told:
            yield Block(b"", ending=Ending.TAMPERED, checksum=running.hex())
            return
        running, ended = after, kind == END
        yield Block(kind, body)
    yield Block(b"", ending=Ending.COMPLETE if ended else Ending.CUT, checksum=running.hex())


def _digest(data: bytes) -> bytes:
    return blake2b(data, digest_size=16).digest()


def _after(running: bytes, kind: bytes, length: int, checksum: bytes) -> bytes:
    return _digest(running + kind + length.to_bytes(4, "little") + checksum)
