"""MessagePack, as far as a packet of socket.io-msgpack-parser needs it.

https://github.com/msgpack/msgpack/blob/master/spec.md. Extension types become None, as `undefined` is sent as one.
"""

from __future__ import annotations

import struct
from typing import Any

from harness.taps.wire.errors import Undecodable

MAX_DEPTH = 64
"""A packet that is nested deeper is not read."""

_FIXED = dict(zip(range(0xCA, 0xD4), (">f", ">d", ">B", ">H", ">I", ">Q", ">b", ">h", ">i", ">q"), strict=True))
_CONSTANTS = {0xC0: None, 0xC2: False, 0xC3: True}
_SIZED = {
    first + step: (what, width)
    for what, first, widths in (
        *(("bytes", 0xC4, (1, 2, 4)), ("skip", 0xC7, (1, 2, 4)), ("text", 0xD9, (1, 2, 4))),
        *(("list", 0xDC, (2, 4)), ("map", 0xDE, (2, 4))),
    )
    for step, width in enumerate(widths)
}
"""Types that say in so many bytes how long they are."""


def unpacked(data: bytes) -> Any:
    """The one value in some bytes. Raises Undecodable where they end too early, go on, or are nested too deeply."""
    reader = _Reader(data)
    try:
        found = reader.value(0)
    except (IndexError, struct.error, UnicodeDecodeError, TypeError) as error:
        raise Undecodable(f"no MessagePack ({error})") from None
    if reader.at != len(data):
        raise Undecodable("no MessagePack (something follows the packet)")
    return found


class _Reader:
    def __init__(self, data: bytes) -> None:
        self._data, self.at = data, 0

    def value(self, depth: int) -> Any:
        if depth > MAX_DEPTH:
            raise IndexError("nested too deeply")
        kind = self._take(1)[0]
        if kind < 0x80 or kind >= 0xE0:
            return kind if kind < 0x80 else kind - 256
        if kind < 0xC0:
            what, size = (
                ("map", kind & 15) if kind < 0x90 else ("list", kind & 15) if kind < 0xA0 else ("text", kind & 31)
            )
            return self._sized(what, size, depth)
        if kind in _CONSTANTS:
            return _CONSTANTS[kind]
        if kind in _FIXED:
            return struct.unpack(_FIXED[kind], self._take(struct.calcsize(_FIXED[kind])))[0]
        if kind in _SIZED:
            what, width = _SIZED[kind]
            return self._sized(what, int.from_bytes(self._take(width)), depth)
        if 0xD4 <= kind <= 0xD8:
            return self._sized("skip", 1 << (kind - 0xD4), depth)
        raise IndexError(f"there is no type {kind:#x}")

    def _sized(self, what: str, size: int, depth: int) -> Any:
        if what == "text":
            return self._take(size).decode("utf-8")
        if what == "bytes":
            return self._take(size)
        if what == "skip":
            self._take(size + 1)
            return None
        if size > len(self._data) - self.at:  # each item takes a byte at least
            raise IndexError("it ends too early")
        if what == "list":
            return [self.value(depth + 1) for _ in range(size)]
        return {self.value(depth + 1): self.value(depth + 1) for _ in range(size)}

    def _take(self, size: int) -> bytes:
        if size > len(self._data) - self.at:
            raise IndexError("it ends too early")
        self.at += size
        return self._data[self.at - size : self.at]
