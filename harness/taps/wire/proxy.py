"""The wire proxy: stands between clients and a server on this machine, passes every byte on, and reads along.

Bytes are passed on unchanged, in order, and before they are looked at. What is read is read in the same thread, in
slices between the forwarding: a second thread would take the interpreter from the first for 5 ms at a time.
"""

from __future__ import annotations

import ipaddress
import secrets
import selectors
import socket
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from harness.lib.closing import Closing
from harness.taps.wire import packets
from harness.taps.wire.conversation import CANARY, Conversation, Sessions
from harness.taps.wire.pipe import Pipe
from harness.taps.wire.telling import Telling

SLICE_S = 0.0002
"""How long reading along may keep a byte that has arrived from being passed on."""

UNREAD_BYTES = 32 * 1024 * 1024
"""With more than this waiting to be read, nothing more is taken from any connection until it is."""


ANY_S = 1.0
"""How long a server may take to answer a path that it does not have: some never do."""


class ProxyError(Exception):
    """The proxy can't stand where it was asked to; the message says why."""


@dataclass(frozen=True, slots=True)
class State:
    """What the proxy knows after everything that has passed it.

    `unanswered` messages that the server has not acknowledged, `members` are the Socket.IO ids of clients that it let
    in and that neither side has left, `passed` how many messages came by, `troubles` what could not be read, in words.
    """

    unanswered: int
    members: tuple[str, ...]
    passed: int
    troubles: tuple[str, ...]


class WireProxy(Closing):
    """Listens from `door` to `close`. `upstream` says where the server is, each time that a client connects.

    Its methods may be called from any thread but its own. Loopback only.
    """

    def __init__(self, upstream: Callable[[], tuple[str, int]], telling: Telling) -> None:
        packets.loaded()  # a fifth of a second, which no packet should wait for
        self._upstream, self._telling = upstream, telling
        self._sessions = Sessions(telling)
        self._answers_any_path = True
        self._selector = selectors.DefaultSelector()
        self._wake, self._woken = socket.socketpair()
        for end in (self._wake, self._woken):
            end.setblocking(False)
        self._selector.register(self._woken, selectors.EVENT_READ, self._take_calls)
        self._calls: deque[Callable[[], None]] = deque()
        self._work: deque[tuple[Iterator[None], int]] = deque()
        self._unread = 0
        self._listeners: list[socket.socket] = []
        self._pipes: set[Pipe] = set()
        self._closing = False
        self._thread = threading.Thread(target=self._run, name="wire proxy", daemon=True)
        self._thread.start()

    def door(
        self, name: str, port: int = 0, host: str = "127.0.0.1", upstream: Callable[[], tuple[str, int]] | None = None
    ) -> str:
        """Listen at another address, 0 for a free port; its clients are known by `name`. Gives `host:port`.

        It leads to the proxy's server, or to the one at `upstream`. Raises ProxyError when the port is taken.
        """
        if not ipaddress.ip_address(host).is_loopback:
            raise ProxyError(f"the wire proxy listens on this machine alone, and {host} is not a loopback address.")
        listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, port))
        except OSError as error:
            listener.close()
            raise ProxyError(
                f"the wire proxy can't stand at {host}:{port}: {error.strerror}. What else listens there?"
            ) from None
        listener.listen(1024)
        listener.setblocking(False)
        address = f"[{host}]" if ":" in host else host

        def accept(_: int) -> None:
            self._accept(listener, name, upstream or self._upstream)

        def register() -> None:
            self._listeners.append(listener)
            self._selector.register(listener, selectors.EVENT_READ, accept)

        self._call(register)
        return f"{address}:{listener.getsockname()[1]}"

    def state(self, timeout_s: float) -> State | None:
        """How things stand after all that has passed so far; None when the proxy does not answer in time."""
        found: list[State] = []
        told = threading.Event()

        def say() -> None:
            telling = self._telling
            found.append(State(len(telling.open), tuple(telling.members), telling.passed, tuple(telling.troubles)))
            told.set()

        self._call(lambda: self._later(_once(say)))
        return found[0] if told.wait(timeout_s) else None

    def why_dead(self, address: str, timeout_s: float) -> str | None:
        """Send a canary through a door to the server and back; why the proxy can't be believed, or None when it can.

        The canary is an HTTP request for a path that no server has. What the server answers doesn't matter. One that
        answers nothing but Socket.IO is asked for a connection that it does not know, where Socket.IO was last seen.
        """
        token = f"{CANARY}{secrets.token_hex(8)}"
        ways = [(token, min(timeout_s, ANY_S))] if self._answers_any_path else []
        for path, patience_s in (*ways, (f"{self._sessions.path}?EIO=4&transport=polling&sid={token}", timeout_s)):
            try:
                _ask(address, path, patience_s)
                break
            except TimeoutError as error:
                late = error
                self._answers_any_path = False
            except OSError as error:
                return f"nothing came back through the wire proxy ({error})"
        else:
            return f"nothing came back through the wire proxy ({late})"
        state = self.state(timeout_s)
        if state is None:
            return "the wire proxy did not answer"
        if token not in self._telling.canaries:
            return "the wire proxy did not see its canary, or the server did not answer it"
        return state.troubles[0] if state.troubles else None

    def wait_quiet(self, quiet_s: float, timeout_s: float) -> State | None:
        """Wait until nothing has passed for so long and, if it may be, nothing is unanswered; None at the deadline.

        It is not proof of absence: a server may still be at work. Its caller says so.
        """
        deadline = time.monotonic() + timeout_s
        never = threading.Event()
        before = self.state(timeout_s)
        while before is not None and time.monotonic() < deadline:
            never.wait(quiet_s)
            now = self.state(timeout_s)
            if now is not None and now.passed == before.passed:
                return now
            before = now
        return None

    def close(self) -> None:
        """Close every door and connection; the thread ends. What has passed is read to its end first."""
        if not self._closing:
            self._closing = True
            self._rouse()
            self._thread.join()
            self._wake.close()
            self._woken.close()

    def _call(self, function: Callable[[], None]) -> None:
        self._calls.append(function)
        self._rouse()

    def _rouse(self) -> None:
        try:
            self._wake.send(b"x")
        except BlockingIOError:
            return  # full: it is being woken already

    # What follows runs in the proxy's thread.

    def _run(self) -> None:
        with self._selector as selector:
            try:
                while not self._closing:
                    for key, events in selector.select(0 if self._work else None):
                        self._guarded(key.data, events)
                    self._read_along(time.monotonic() + SLICE_S)
                    while self._unread > UNREAD_BYTES:
                        self._read_along(time.monotonic() + 1)
            finally:
                for pipe in list(self._pipes):
                    pipe.abort()
                for listener in self._listeners:
                    listener.close()
            self._read_along(time.monotonic() + 10)

    def _take_calls(self, _: int) -> None:
        self._woken.recv(4096)
        while self._calls:
            call = self._calls.popleft()
            self._guarded(lambda _, call=call: call(), 0)  # type: ignore[misc]

    def _guarded(self, step: Callable[[int], None], events: int) -> None:
        """Do one step. What it raises is a trouble of the tap: this thread carries all bytes, and goes on."""
        try:
            step(events)
        except Exception as error:  # noqa: BLE001  # see above
            self._telling.trouble(f"the wire proxy itself failed: {type(error).__name__}: {error}"[:500])

    def _accept(self, listener: socket.socket, door: str, upstream: Callable[[], tuple[str, int]]) -> None:
        try:
            client, _ = listener.accept()
        except OSError:  # gone again before it was taken
            return
        try:
            at = upstream()
        except LookupError:  # between its end and its next start there is no server
            client.close()
            return
        conversation = Conversation(door, self._sessions)

        def passed(data: bytes, is_up: bool) -> None:
            self._later(conversation.feed(data, is_up, time.monotonic_ns()), len(data))

        def ended(is_up: bool) -> None:
            at_ns = time.monotonic_ns()
            self._later(_once(lambda: conversation.ended(is_up, at_ns)))

        self._pipes.add(Pipe(client, at, self._selector, passed, ended, self._pipes.discard))

    def _later(self, steps: Iterator[None], size: int = 0) -> None:
        self._work.append((steps, size))
        self._unread += size

    def _read_along(self, until: float) -> None:
        while self._work:
            steps, size = self._work[0]
            try:
                for _ in steps:
                    if time.monotonic() > until:
                        return
            except Exception as error:  # noqa: BLE001  # read along or not, the bytes have passed
                self._telling.trouble(f"the wire proxy itself failed: {type(error).__name__}: {error}"[:500])
            self._work.popleft()
            self._unread -= size
            if time.monotonic() > until:
                return


def _once(function: Callable[[], None]) -> Iterator[None]:
    function()
    yield


def _ask(address: str, path: str, timeout_s: float) -> None:
    """Ask for a path and read the answer to its end, whatever it says."""
    host, _, port = address.rpartition(":")
    request = f"GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n"
    with socket.create_connection((host.strip("[]"), int(port)), timeout=timeout_s) as connection:
        connection.sendall(request.encode())
        while connection.recv(65536):
            pass
