"""Two connected sockets whose bytes go from one to the other: unchanged, in order, no faster than they are taken."""

from __future__ import annotations

import contextlib
import selectors
import socket
import struct
from collections.abc import Callable
from dataclasses import dataclass

CHUNK = 1 << 16
RESET = struct.pack("ii", 1, 0)
"""SO_LINGER: closing such a socket resets the connection, as the other side did."""


@dataclass(slots=True, eq=False)
class _End:
    """One side of the pipe. `waiting` is what it has not taken yet: at most one chunk, for nothing more is read."""

    connection: socket.socket
    is_up: bool
    waiting: bytes = b""
    is_read_to_its_end: bool = False
    interest: int = 0


class Pipe:
    """One client's connection through the proxy. All of it runs in the thread of the selector."""

    def __init__(
        self,
        client: socket.socket,
        upstream: tuple[str, int],
        selector: selectors.BaseSelector,
        passed: Callable[[bytes, bool], None],
        ended: Callable[[bool], None],
        closed: Callable[[Pipe], None],
    ) -> None:
        self._selector, self._passed, self._ended, self._closed = selector, passed, ended, closed
        self._is_open = True
        host, port = upstream
        server = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
        self._client, self._server = _End(client, is_up=True), _End(server, is_up=False)
        for end in (client, server):
            end.setblocking(False)
            end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with contextlib.suppress(BlockingIOError):
            server.connect_ex((host, port))
        self._is_connected = False
        self._want(self._server, selectors.EVENT_WRITE)

    def abort(self) -> None:
        """Reset both sides: a side that is still there learns that it is over."""
        for end in (self._client, self._server):
            with contextlib.suppress(OSError):
                end.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        self._close()

    def _other(self, end: _End) -> _End:
        return self._server if end is self._client else self._client

    def _want(self, end: _End, interest: int) -> None:
        if interest == end.interest:
            return
        if not end.interest:
            self._selector.register(end.connection, interest, lambda events: self._ready(end, events))
        elif interest:
            self._selector.modify(end.connection, interest, lambda events: self._ready(end, events))
        else:
            self._selector.unregister(end.connection)
        end.interest = interest

    def _ready(self, end: _End, events: int) -> None:
        if not self._is_open:
            return  # closed by an event of the same turn
        try:
            if not self._is_connected:
                self._connected()
                return
            if events & selectors.EVENT_WRITE:
                self._flush(end)
            if events & selectors.EVENT_READ:
                self._read(end)
        except OSError:  # reset by one side: so it is for the other
            self._tell_ended(self._client)
            self._tell_ended(self._server)
            self.abort()

    def _connected(self) -> None:
        number = self._server.connection.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if number:
            raise OSError(number, "the server takes no connection")
        self._is_connected = True
        self._want(self._server, selectors.EVENT_READ)
        self._want(self._client, selectors.EVENT_READ)

    def _read(self, end: _End) -> None:
        try:
            data = end.connection.recv(CHUNK)
        except BlockingIOError:
            return
        other = self._other(end)
        if data:
            other.waiting = data
            try:
                self._flush(other)
            finally:
                self._passed(data, end.is_up)  # it left its side, whether the other still takes it or not
            return
        self._tell_ended(end)
        self._want(end, end.interest & ~selectors.EVENT_READ)
        if not other.waiting:
            self._finish(other)

    def _flush(self, end: _End) -> None:
        """Hand over what waits for this side; as long as something does, nothing is read from the other."""
        source = self._other(end)
        if end.waiting:
            with contextlib.suppress(BlockingIOError):
                end.waiting = end.waiting[end.connection.send(end.waiting) :]
        reading = 0 if source.is_read_to_its_end else selectors.EVENT_READ
        if end.waiting:
            self._want(end, end.interest | selectors.EVENT_WRITE)
            self._want(source, source.interest & ~selectors.EVENT_READ)
            return
        self._want(end, end.interest & ~selectors.EVENT_WRITE)
        self._want(source, source.interest | reading)
        if source.is_read_to_its_end:
            self._finish(end)

    def _finish(self, end: _End) -> None:
        """This side has everything of the other, which ended: so does this."""
        with contextlib.suppress(OSError):
            end.connection.shutdown(socket.SHUT_WR)
        if end.is_read_to_its_end and not self._other(end).waiting:
            self._close()

    def _tell_ended(self, end: _End) -> None:
        if not end.is_read_to_its_end:
            end.is_read_to_its_end = True
            self._ended(end.is_up)

    def _close(self) -> None:
        if self._is_open:
            self._is_open = False
            for end in (self._client, self._server):
                self._want(end, 0)
                end.connection.close()
            self._closed(self)
