"""The wire proxy between sockets: bytes are passed on unchanged, no faster than they are taken, and nothing is left."""

from __future__ import annotations

import contextlib
import socket
import socketserver
import threading
from collections.abc import Iterator

import pytest

from harness.taps.wire.proxy import ProxyError
from tests.support.proxied import PATIENCE_S, proxied, tcp


class Echo(socketserver.BaseRequestHandler):
    """Sends back what comes, and when nothing more comes, that it has ended."""

    def handle(self) -> None:
        while data := self.request.recv(65536):
            self.request.sendall(data)
        self.request.sendall(b"end")


def test_whatever_it_is_passes_unchanged_and_is_told_once() -> None:
    """Megabytes that are not HTTP, to a server that answers each with itself; ended by one side, then by the other."""
    sent = bytes(range(256)) * 40_000
    with tcp(Echo) as port, proxied(port) as (proxy, address, seen):
        host, _, number = address.rpartition(":")
        with socket.create_connection((host, int(number)), timeout=PATIENCE_S) as connection:
            got = bytearray()
            reader = threading.Thread(target=lambda: got.extend(_everything(connection)))
            reader.start()
            connection.sendall(sent)
            connection.shutdown(socket.SHUT_WR)
            reader.join(PATIENCE_S)
        assert bytes(got) == sent + b"end"
        state = proxy.state(PATIENCE_S)
        assert state is not None and len(state.troubles) == 1 and "cli:main" in state.troubles[0]
        assert seen.records == []


def _everything(connection: socket.socket) -> Iterator[int]:
    while data := connection.recv(65536):
        yield from data


class Silent(socketserver.BaseRequestHandler):
    """Takes nothing until it is let."""

    may_read = threading.Event()

    def handle(self) -> None:
        self.may_read.wait(PATIENCE_S)
        while self.request.recv(65536):
            pass


def test_who_takes_nothing_is_sent_no_more_than_the_buffers_hold() -> None:
    """The proxy reads no faster than the other side: the sender is stopped, and the proxy's memory stays small."""
    Silent.may_read.clear()
    with tcp(Silent) as port, proxied(port) as (_, address, _seen):
        host, _, number = address.rpartition(":")
        with socket.create_connection((host, int(number))) as connection:
            connection.settimeout(0.5)
            sent = 0
            with contextlib.suppress(TimeoutError):
                while sent < 100_000_000:
                    sent += connection.send(b"x" * 65536)
            assert sent < 100_000_000
        Silent.may_read.set()


class Resets(socketserver.BaseRequestHandler):
    """Resets the connection as soon as something has come."""

    def handle(self) -> None:
        self.request.recv(1)
        self.request.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        self.request.close()


def test_a_reset_is_passed_on_and_so_is_a_server_that_is_not_there() -> None:
    with tcp(Resets) as port, proxied(port) as (_, address, _seen):
        host, _, number = address.rpartition(":")
        with socket.create_connection((host, int(number)), timeout=PATIENCE_S) as connection:
            connection.sendall(b"?" * 100)
            with pytest.raises(ConnectionResetError):
                connection.recv(1)
    with proxied(port) as (_, address, _seen):
        host, _, number = address.rpartition(":")
        with pytest.raises(ConnectionResetError):  # at once, or when it reads
            read_once((host, int(number)))


def read_once(address: tuple[str, int]) -> bytes:
    with socket.create_connection(address, timeout=PATIENCE_S) as connection:
        return connection.recv(1)


def test_a_fixed_port_that_is_taken_and_an_address_that_is_not_of_this_machine() -> None:
    with tcp(Echo) as port, proxied(port) as (proxy, _, _seen):
        with pytest.raises(ProxyError, match=f"127.0.0.1:{port}.*What else listens there"):
            proxy.door("pages", port)
        with pytest.raises(ProxyError, match="not a loopback address"):
            proxy.door("pages", host="0.0.0.0")


def test_nothing_is_left_when_it_is_closed() -> None:
    with tcp(Echo) as port:
        with proxied(port) as (_, address, _seen):
            host, _, number = address.rpartition(":")
            connection = socket.create_connection((host, int(number)), timeout=PATIENCE_S)
            connection.sendall(b"x")
            assert connection.recv(1) == b"x"
        with connection, pytest.raises(ConnectionResetError):
            connection.recv(1)
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection((host, int(number)))
        assert not [thread for thread in threading.enumerate() if thread.name == "wire proxy"]
