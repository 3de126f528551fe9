"""What a block of records holds: sections, each with a number, of integers or of JSON texts.

    section  = number (1 byte) · form (1) · count (4) · width or flag (1) · base (8) · length in bytes (4) · data
    integers = form 1: `count` unsigned integers of `width` bytes (1, 2, 4, 8), to each of which `base` is added
    texts    = form 2: `count` JSON texts, one a line, UTF-8; flag 1: deflated

Section numbers that a reader doesn't know are left out: later versions may add some.
"""

from __future__ import annotations

import struct
import sys
import zlib
from array import array
from collections.abc import Iterable, Iterator, Sequence
from enum import IntEnum

HEAD = struct.Struct("<BBIBqI")
INTEGERS, TEXTS = 1, 2

SMALLEST_DEFLATED = 512
"""Shorter texts are not deflated, in bytes."""


class Section(IntEnum):
    """The sections. Each table goes on from block to block; a reference is a place in it, 1 the first, 0 nothing."""

    TEXTS = 1  # observers, names, sessions, digests and keys, as they come: each once in a file

    KEY_SESSION = 10  # a key is `<session>/<seq>`, these two: text
    KEY_SEQ = 11
    KEY_TEXT = 12  # text: a key of another form

    EVENT_KEY = 20  # key
    EVENT_NAME = 21  # text
    EVENT_SESSION = 22  # text
    EVENT_NUMBERED = 23  # 0 without a sequence number, 1 it is the next section's, 2 it is the text there
    EVENT_SEQ = 24
    EVENT_DIGESTED = (
        25  # 0 without a digest, 1 it is the next section's as 16 hexadecimal digits, 2 it is the text there
    )
    EVENT_DIGEST = 26

    RECIPIENTS_COUNT = 30  # how many recipients each list has
    RECIPIENTS_SID = 31  # text
    DETAILS = 40  # JSON objects
    LISTS_COUNT = 50  # how many keys each list has
    LISTS_KEY = 51  # key
    DATA = 60  # JSON objects
    PAYLOADS = 70  # JSON arrays: digest, data

    SIGHTING_HOP = 100
    SIGHTING_EVENT = 101  # event
    SIGHTING_OBSERVER = 102  # text
    SIGHTING_N = 103
    SIGHTING_AT = 104  # monotonic nanoseconds
    SIGHTING_RECIPIENTS = 105  # list of recipients; nothing where they were not observed
    SIGHTING_DETAIL = 106  # detail

    FACT_KIND = 110  # text
    FACT_OBSERVER = 111  # text
    FACT_N = 112
    FACT_AT = 113
    FACT_DATA = 114  # data
    FACT_KEY = 115  # key: what its field `key` says, which is not in the data then
    FACT_ROWS = 116  # list: the same of the field `rows`
    FACT_STATE = 117  # list: the same of the field `state_events`
    FACT_PLACE = 118  # how many sightings of the block were written before the fact


def integers(number: Section, values: Sequence[int]) -> bytes:
    """A section of integers; nothing where there are none."""
    if not values:
        return b""
    base = min(values)
    spread = max(values) - base
    code, width = next(
        (each for each in (("B", 1), ("H", 2), ("I", 4)) if spread < 1 << 8 * each[1]), ("Q", 8)
    )  # fmt: skip
    packed = array(code, values if base == 0 else [value - base for value in values])
    if sys.byteorder == "big":
        packed.byteswap()
    data = packed.tobytes()
    return HEAD.pack(number, INTEGERS, len(values), width, base, len(data)) + data


def texts(number: Section, lines: Sequence[str]) -> bytes:
    """A section of JSON texts, none of which has a line break in it; nothing where there are none."""
    if not lines:
        return b""
    data, is_deflated = "\n".join(lines).encode(), 0
    if len(data) >= SMALLEST_DEFLATED:
        data, is_deflated = zlib.compress(data, 1), 1
    return HEAD.pack(number, TEXTS, len(lines), is_deflated, 0, len(data)) + data


def joined(sections: Iterable[bytes]) -> bytes:
    """The body of a block."""
    return b"".join(sections)


def parted(body: bytes) -> Iterator[tuple[int, int, int, int, int, memoryview]]:
    """The sections of a body: number, form, count, width or flag, base, data. Raises ValueError where it has none."""
    view, place = memoryview(body), 0
    while place < len(body):
        if place + HEAD.size > len(body):
            raise ValueError("a section is cut off")
        number, form, count, width, base, length = HEAD.unpack_from(body, place)
        place += HEAD.size
        if place + length > len(body):
            raise ValueError("a section is cut off")
        yield number, form, count, width, base, view[place : place + length]
        place += length


def lines(count: int, is_deflated: int, data: memoryview) -> list[bytes]:
    """The JSON texts of a section. Raises ValueError where they are not as many as it says."""
    try:
        plain = zlib.decompress(data) if is_deflated else data.tobytes()
    except zlib.error as error:
        raise ValueError(f"a text can't be inflated ({error})") from None
    found = plain.split(b"\n")
    if len(found) != count:
        raise ValueError(f"{len(found)} texts where {count} are announced")
    return found
