"""HTTP/1.1 read from one direction of a connection, piece by piece (RFC 9112)."""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol
from urllib.parse import parse_qsl, urlsplit

from harness.lib.numbers import hex_number, whole_number
from harness.taps.wire.errors import MAX_MESSAGE_BYTES, Undecodable

MAX_HEAD_BYTES = 256 * 1024
MAX_LINE_BYTES = 16 * 1024
"""Of the line with a chunk's size."""

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
        raise Undecodable(f"a body that is not {coding}")


class HttpReader:
    """The messages of one direction. `is_answer_empty` says of the next response whether it has no body (HEAD).

    However small the pieces are in which it comes, each byte is looked at a fixed number of times.
    """

    def __init__(self, is_answer_empty: Callable[[], bool] | None = None) -> None:
        self._buffer = bytearray()
        self._is_answer_empty = is_answer_empty
        self._open: Message | None = None
        self._begun: tuple[Message, _Body] | None = None
        self._looked = 0  # so much of the buffer has no end of a head

    def feed(self, data: bytes) -> None:
        """Take what has come."""
        self._buffer += data

    def take_rest(self) -> bytes:
        """What came after the last message: after an upgrade it is not HTTP."""
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
        if self._begun is None:
            head = self._next_head()
            if head is None:
                return None
            body = self._body_of(head)
            if body is None:
                self._open = head  # a response without a length lasts until the connection ends
                return None
            self._begun = (head, body)
        head, reader = self._begun
        whole = reader.take(self._buffer)
        if whole is None:
            return None
        self._begun = None
        return Message(head.start, head.headers, whole)

    def _next_head(self) -> Message | None:
        end = self._buffer.find(b"\r\n\r\n", self._looked)
        if max(end, len(self._buffer) if end < 0 else 0) > MAX_HEAD_BYTES:
            raise Undecodable("no HTTP: a head without an end")
        if end < 0:
            self._looked = max(0, len(self._buffer) - 3)
            return None
        head = _head(bytes(self._buffer[:end]))
        del self._buffer[: end + 4]
        self._looked = 0
        return head

    def _body_of(self, head: Message) -> _Body | None:
        """What reads the body; None for one that lasts as long as its connection."""
        if self._is_bodiless(head):
            return _Counted(0)
        if "chunked" in head.headers.get("transfer-encoding", "").lower():
            return _Chunked()
        text = head.headers.get("content-length")
        if text is None:
            return None if self._is_answer_empty is not None else _Counted(0)
        length = whole_number(text)
        if length is None:
            raise Undecodable("no HTTP: a Content-Length that is not a number")
        return _Counted(_check(length))

    def _is_bodiless(self, head: Message) -> bool:
        if self._is_answer_empty is None:
            return False
        if whole_number(head.start[1], 3) is None:
            raise Undecodable("no HTTP: a status that is not a number")
        return head.status < 200 or head.status in BODILESS or self._is_answer_empty()


class _Body(Protocol):
    """Takes its part off the front of the buffer; the body once it is whole."""

    def take(self, buffer: bytearray) -> bytes | None: ...


@dataclass(frozen=True, slots=True)
class _Counted:
    """A body whose length is told before."""

    length: int

    def take(self, buffer: bytearray) -> bytes | None:
        if len(buffer) < self.length:
            return None
        whole = bytes(buffer[: self.length])
        del buffer[: self.length]
        return whole


@dataclass(slots=True)
class _Chunked:
    """A body in chunks (RFC 9112, 7.1). `left` of the present chunk with its line's end; None before its size."""

    body: bytearray = field(default_factory=bytearray)
    left: int | None = None
    is_trailer: bool = False
    looked: int = 0
    trailers: int = 0

    def take(self, buffer: bytearray) -> bytes | None:
        at = 0
        try:
            while True:
                if self.left is None:
                    end = buffer.find(b"\r\n", max(at, self.looked))
                    if (len(buffer) if end < 0 else end) - at > MAX_LINE_BYTES:
                        raise Undecodable("no HTTP: a line of a chunk without an end")
                    if end < 0:
                        self.looked = max(at, len(buffer) - 1)
                        return None
                    line, at, self.looked = bytes(buffer[at:end]), end + 2, 0
                    if self.is_trailer:
                        self.trailers += len(line)
                        if not line:
                            return bytes(self.body)
                        if self.trailers > MAX_HEAD_BYTES:
                            raise Undecodable("no HTTP: trailers without an end")
                    else:
                        self._begin(line)
                    continue
                if len(buffer) - at < self.left:
                    return None
                self.body += buffer[at : at + self.left - 2]
                at += self.left
                self.left = None
        finally:
            del buffer[:at]
            self.looked = max(0, self.looked - at)

    def _begin(self, line: bytes) -> None:
        length = hex_number(line.partition(b";")[0].strip(b" \t").decode("latin-1"))
        if length is None:
            raise Undecodable("no HTTP: a chunk without a size")
        _check(len(self.body) + length)
        self.is_trailer = length == 0
        self.left = None if length == 0 else length + 2


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
