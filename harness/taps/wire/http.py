"""HTTP/1.1 read from one direction of a connection, piece by piece (RFC 9112)."""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from harness.taps.wire.errors import MAX_MESSAGE_BYTES, Undecodable

MAX_HEAD_BYTES = 256 * 1024
BODILESS = frozenset({204, 304})


@dataclass(frozen=True, slots=True)
class Message:
    """A request or a response. `start` is its first line's three parts; header names are in lower case."""

    start: tuple[str, str, str]
    headers: Mapping[str, str]
    body: bytes

    @property
    def method(self) -> str:
        """Of a request."""
        return self.start[0]

    @property
    def path(self) -> str:
        """Of a request, without its query."""
        return urlsplit(self.start[1]).path

    @property
    def query(self) -> dict[str, str]:
        """Of a request."""
        return dict(parse_qsl(urlsplit(self.start[1]).query))

    @property
    def status(self) -> int:
        """Of a response."""
        return int(self.start[1])

    @property
    def is_upgrade(self) -> bool:
        """Whether it asks for a WebSocket, or grants one."""
        return self.headers.get("upgrade", "").lower() == "websocket"

    def json(self) -> Any:
        """The body as JSON, None when it is something else."""
        try:
            return json.loads(self.decoded())
        except (ValueError, RecursionError):
            return None

    def decoded(self) -> bytes:
        """The body without its content coding. Raises Undecodable for one that Python has no decoder for."""
        coding = self.headers.get("content-encoding", "identity").lower()
        if coding == "identity":
            return self.body
        windows = {"gzip": (31,), "x-gzip": (31,), "deflate": (15, -15)}.get(coding)
        if windows is None:
            raise Undecodable(f"a body in the coding {coding!r}")
        for window in windows:  # "deflate" is sent with a zlib header and without
            try:
                reader = zlib.decompressobj(window)
                plain = reader.decompress(self.body, MAX_MESSAGE_BYTES)
            except zlib.error:
                continue
            if reader.eof:  # and so whole, and no more than the limit
                return plain
        raise Undecodable(f"a body that is no {coding}")


class HttpReader:
    """The messages of one direction. `is_answer_empty` says of the next response whether it has no body (HEAD)."""

    def __init__(self, is_answer_empty: Callable[[], bool] | None = None) -> None:
        self._buffer = bytearray()
        self._is_answer_empty = is_answer_empty
        self._open: Message | None = None

    def feed(self, data: bytes) -> None:
        """Take what has come."""
        self._buffer += data

    def take_rest(self) -> bytes:
        """What came behind the last message: after an upgrade it is no HTTP."""
        rest = bytes(self._buffer)
        self._buffer.clear()
        return rest

    def messages(self) -> Iterator[Message]:
        """The messages that are complete."""
        while (message := self._next()) is not None:
            yield message

    def ended(self) -> Message | None:
        """The response that its connection's end completes."""
        opened, self._open = self._open, None
        return None if opened is None else Message(opened.start, opened.headers, self.take_rest())

    def _next(self) -> Message | None:
        if self._open is not None:
            _check(len(self._buffer))
            return None
        end = self._buffer.find(b"\r\n\r\n")
        if end < 0:
            if len(self._buffer) > MAX_HEAD_BYTES:
                raise Undecodable("no HTTP: a head without an end")
            return None
        head = _head(bytes(self._buffer[:end]))
        size, body = self._body(head, end + 4)
        if body is None:
            return None
        del self._buffer[:size]
        return Message(head.start, head.headers, body)

    def _body(self, head: Message, begin: int) -> tuple[int, bytes | None]:
        """Where the message ends, and its body; None as long as it is not whole."""
        if self._is_bodiless(head):
            return begin, b""
        if "chunked" in head.headers.get("transfer-encoding", "").lower():
            return self._chunks(begin)
        text = head.headers.get("content-length")
        if text is not None:
            if not text.isdecimal():
                raise Undecodable("no HTTP: a Content-Length that is no number")
            end = begin + _check(int(text))
            return end, bytes(self._buffer[begin:end]) if len(self._buffer) >= end else None
        if self._is_answer_empty is None:
            return begin, b""
        self._open = head  # a response without a length lasts until the connection ends
        del self._buffer[:begin]
        return 0, None

    def _is_bodiless(self, head: Message) -> bool:
        if self._is_answer_empty is None:
            return False
        if not head.start[1].isdecimal():
            raise Undecodable("no HTTP: a status that is no number")
        return head.status < 200 or head.status in BODILESS or self._is_answer_empty()

    def _chunks(self, begin: int) -> tuple[int, bytes | None]:
        parts, at, size = list[bytes](), begin, 0
        while True:
            line = self._buffer.find(b"\r\n", at)
            if line < 0:
                return 0, None
            try:
                length = int(bytes(self._buffer[at:line]).partition(b";")[0], 16)
            except ValueError:
                raise Undecodable("no HTTP: a chunk without a size") from None
            size = _check(size + length)
            at, end = line + 2, line + 2 + length
            if length == 0:
                trailer = self._buffer.find(b"\r\n", at)  # no trailers: nobody here sends any
                return trailer + 2, None if trailer < 0 else b"".join(parts)
            if len(self._buffer) < end + 2:
                return 0, None
            parts.append(bytes(self._buffer[at:end]))
            at = end + 2


def _head(raw: bytes) -> Message:
    first, *lines = raw.decode("latin-1").split("\r\n")
    start = first.split(" ", 2)
    if len(start) == 2:
        start.append("")
    if len(start) != 3 or not ("HTTP/1." in start[0] or "HTTP/1." in start[2]):
        raise Undecodable("no HTTP/1.1")
    pairs = (line.partition(":") for line in lines)
    return Message((start[0], start[1], start[2]), {name.strip().lower(): text.strip() for name, _, text in pairs}, b"")


def _check(size: int) -> int:
    if size > MAX_MESSAGE_BYTES:
        raise Undecodable(f"a body of {size:,} bytes")
    return size
