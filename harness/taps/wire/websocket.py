"""WebSocket messages read from one direction of a connection, piece by piece (RFC 6455, and RFC 7692 for deflate)."""

from __future__ import annotations

import zlib
from collections.abc import Iterator

from harness.taps.wire.errors import MAX_MESSAGE_BYTES, Undecodable

CONTINUATION, TEXT, BINARY, CLOSE = 0, 1, 2, 8
FINAL, COMPRESSED, RESERVED, MASKED = 0x80, 0x40, 0x30, 0x80
FLUSH = b"\x00\x00\xff\xff"
"""What permessage-deflate takes off the end of each message."""


class FrameReader:
    """The messages of one direction: text as str, binary data as bytes. Pings and pongs are left out.

    `inflate` None: no compression was agreed on; else whether each message stands for itself (no context takeover).
    """

    def __init__(self, inflate: bool | None = None) -> None:
        self._buffer = bytearray()
        self._parts: list[bytes] = []
        self._size = 0
        self._opcode = TEXT
        self._is_compressed = False
        self._alone = inflate
        self._inflater = None if inflate is None else zlib.decompressobj(-15)
        self.is_closed = False
        self.close_code: int | None = None
        """What the closing frame gives as the reason (RFC 6455, 7.4); None without one, or before it."""

    def feed(self, data: bytes) -> None:
        """Take what has come. After the closing frame no frame follows (RFC 6455, 1.4), whatever else may."""
        if not self.is_closed:
            self._buffer += data

    def messages(self) -> Iterator[str | bytes]:
        """The messages that are complete."""
        at = 0
        try:
            while not self.is_closed and (frame := self._frame(at)) is not None:
                first, payload, at = frame
                message = self._take(first, payload)
                if message is not None:
                    yield message
        finally:
            del self._buffer[:at]

    def _frame(self, at: int) -> tuple[int, bytes, int] | None:
        """The frame that begins there: its first byte, its payload without the mask, and where it ends."""
        buffer = self._buffer
        left = len(buffer) - at
        if left < 2:
            return None
        first, second = buffer[at], buffer[at + 1]
        length, head = second & 0x7F, 2
        if length >= 126:
            head = 4 if length == 126 else 10
            if left < head:
                return None
            length = int.from_bytes(buffer[at + 2 : at + head])
        if length > MAX_MESSAGE_BYTES:
            raise Undecodable(f"a frame of {length:,} bytes")
        mask = b""
        if second & MASKED:
            mask = bytes(buffer[at + head : at + head + 4])
            head += 4
        if left < head + length:
            return None
        payload = bytes(buffer[at + head : at + head + length])
        return first, unmask(payload, mask) if mask else payload, at + head + length

    def _take(self, first: int, payload: bytes) -> str | bytes | None:
        opcode = first & 0x0F
        if opcode >= CLOSE:
            if opcode == CLOSE:
                self.is_closed = True
                self.close_code = int.from_bytes(payload[:2]) if len(payload) >= 2 else None
            return None
        if first & RESERVED or (first & COMPRESSED and self._inflater is None):
            raise Undecodable("a WebSocket extension that was not agreed on")
        if opcode != CONTINUATION:
            self._opcode, self._is_compressed = opcode, bool(first & COMPRESSED)
            self._parts, self._size = [], 0
        self._size += len(payload)
        if self._size > MAX_MESSAGE_BYTES:
            raise Undecodable(f"a message of more than {MAX_MESSAGE_BYTES:,} bytes")
        if first & FINAL and not self._parts:
            whole = payload
        else:
            if payload:  # any number of empty ones is one message
                self._parts.append(payload)
            if not first & FINAL:
                return None
            whole = b"".join(self._parts)
            self._parts = []
        if self._is_compressed:
            whole = self._inflate(whole)
        return whole.decode("utf-8", "replace") if self._opcode == TEXT else whole

    def _inflate(self, data: bytes) -> bytes:
        assert self._inflater is not None
        try:
            plain = self._inflater.decompress(data + FLUSH, MAX_MESSAGE_BYTES)
        except zlib.error as error:
            raise Undecodable(f"a compressed message that can't be read ({error})") from None
        if self._inflater.unconsumed_tail:
            raise Undecodable(f"a message of more than {MAX_MESSAGE_BYTES:,} bytes")
        if self._alone:
            self._inflater = zlib.decompressobj(-15)
        return plain


def unmask(payload: bytes, mask: bytes) -> bytes:
    """The payload with a client's mask taken off: one XOR of two long numbers, a loop over bytes takes long."""
    size = len(payload)
    key = (mask * (size // 4 + 1))[:size]
    return (int.from_bytes(payload, "little") ^ int.from_bytes(key, "little")).to_bytes(size, "little")


def agreed_inflation(extensions: str) -> tuple[bool | None, bool | None]:
    """What the server's `Sec-WebSocket-Extensions` says for messages of the client and of the server.

    Raises Undecodable for another extension than permessage-deflate: it may change frames in ways unknown here.
    """
    if not extensions:
        return None, None
    name, *parameters = [part.strip().partition("=")[0] for part in extensions.lower().split(";")]
    if name != "permessage-deflate" or "," in extensions:
        raise Undecodable(f"the WebSocket extension {extensions[:60]!r}")
    return "client_no_context_takeover" in parameters, "server_no_context_takeover" in parameters
