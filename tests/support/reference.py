"""The reference server as a process, and clients that speak its protocol frame by frame: ordered, without threads."""

from __future__ import annotations

import contextlib
import http.client
import json
import selectors
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

import websocket

ROOT = Path(__file__).parents[2]
PATIENCE_S = 30.0

Event = tuple[str, dict[str, Any]]


@dataclass
class Server:
    """A running server. `greeting` is the line that it printed."""

    process: subprocess.Popen[str]
    greeting: str
    token_file: Path
    log_file: Path

    @property
    def url(self) -> str:
        return self.greeting.split()[2]

    @property
    def port(self) -> int:
        port = urlsplit(self.url).port
        assert port is not None
        return port

    @property
    def log(self) -> str:
        return self.log_file.read_text()

    def producer(self) -> Client:
        return Client(self.url, {"role": "producer", "token": self.token_file.read_text().strip()})

    def dashboard(self, follow: dict[str, int] | None = None) -> Client:
        return Client(self.url, {"role": "dashboard", "follow": follow or {}})

    def get(self, path: str, headers: dict[str, str] | None = None) -> tuple[int, str]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_S)
        with contextlib.closing(connection):
            connection.request("GET", path, headers=headers or {})
            answer = connection.getresponse()
            return answer.status, answer.read().decode()


@contextlib.contextmanager
def serving(folder: Path, strategy: str = "broadcast", *options: str) -> Iterator[Server]:
    """A server for as long as the block lasts; its token file and log are kept in the folder."""
    token, log = folder / "token", folder / "server.log"
    argv = [sys.executable, "-m", "fixtures.server", "--strategy", strategy, "--token-file", str(token), *options]
    with (
        log.open("a") as errors,
        subprocess.Popen(argv, cwd=ROOT, stdout=subprocess.PIPE, stderr=errors, text=True) as process,
    ):
        try:
            assert process.stdout is not None
            greeting = process.stdout.readline()
            assert greeting.startswith("Listening on "), log.read_text()
            yield Server(process, greeting.rstrip("\n"), token, log)
        finally:
            process.kill()


class Refused(Exception):
    """The server didn't let a client in; the argument is what it answered."""


@dataclass
class Client:
    """One websocket connection. `events` is all that came, in order. `buffer`: bytes that the kernel keeps for it."""

    url: str
    auth: Any
    events: list[Event] = field(default_factory=list)
    answers: dict[int, Any] = field(default_factory=dict)
    buffer: int = 0

    def __post_init__(self) -> None:
        address = self.url.replace("http:", "ws:") + "/socket.io/?EIO=4&transport=websocket"
        small = ((socket.SOL_SOCKET, socket.SO_RCVBUF, self.buffer),) if self.buffer else ()
        self._socket = websocket.create_connection(address, timeout=PATIENCE_S, suppress_origin=True, sockopt=small)
        self._requests = 0
        self.sid = ""
        self._answer_to_connect: str | None = None
        self.send("40" + json.dumps(self.auth))
        self.read_until(lambda: self._answer_to_connect is not None)
        assert self._answer_to_connect is not None
        if self._answer_to_connect.startswith("44"):
            self.close()
            raise Refused(json.loads(self._answer_to_connect[2:]))
        self.sid = json.loads(self._answer_to_connect[2:])["sid"]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the connection, whatever state it is in."""
        with contextlib.closing(self._socket.sock or contextlib.ExitStack()):
            self._socket.close()

    def drop(self) -> None:
        """End the connection without a word."""
        if self._socket.sock is not None:
            self._socket.sock.close()

    def send(self, frame: str | bytes) -> None:
        """Send any frame, however malformed."""
        self._socket.send(frame, websocket.ABNF.OPCODE_TEXT if isinstance(frame, str) else websocket.ABNF.OPCODE_BINARY)

    def ask(self, name: str, body: Any) -> dict[str, Any]:
        """A request's answer."""
        return self.answer(self.request(name, body))

    def request(self, name: str, body: Any) -> int:
        """Send a request, without waiting."""
        self._requests += 1
        self.send(f"42{self._requests}" + json.dumps([name, body]))
        return self._requests

    def answer(self, number: int) -> dict[str, Any]:
        """What a request was answered."""
        self.read_until(lambda: number in self.answers)
        found = self.answers[number]
        assert isinstance(found, dict)
        return found

    def open(self, session: str, **more: Any) -> dict[str, Any]:
        return self.ask("session:open", {"session": session, "task": "a task", "project": "/p", **more})

    def publish(self, session: str, seq: int, kind: str = "step:done", **data: Any) -> dict[str, Any]:
        return self.ask("publish", envelope(session, seq, kind, **data))

    def end(self, session: str, status: str = "completed") -> dict[str, Any]:
        return self.ask("session:close", {"session": session, "status": status})

    def named(self, *names: str) -> list[dict[str, Any]]:
        """What came under those names so far."""
        return [body for name, body in self.events if name in names]

    def seqs(self, session: str) -> list[int]:
        """The numbers of a session's events so far."""
        return [body["seq"] for name, body in self.events if body.get("session") == session and is_event(name)]

    def catch_up(self) -> Self:
        """Read all that the server had sent before it hears of this."""
        self.fences = getattr(self, "fences", 0)
        wanted = self.fences + 1
        self.send("40/__fence__,")
        self.read_until(lambda: self.fences >= wanted)
        return self

    def read_until(self, done: Callable[[], bool]) -> None:
        """Read frames until that is so. Raises WebSocketTimeoutException, and what websocket-client says of the end."""
        deadline = time.monotonic() + PATIENCE_S
        while not done():
            assert time.monotonic() < deadline, f"not so in {PATIENCE_S:g} s; heard so far: {self.events[-5:]}"
            self._take(str(self._socket.recv()))

    def _take(self, frame: str) -> None:
        if frame == "2":
            self.send("3")
        elif frame.startswith("44/__fence__"):
            self.fences += 1
        elif frame.startswith(("40{", "44{")):
            self._answer_to_connect = frame
        elif frame.startswith("42"):
            name, body = json.loads(frame[2:])
            self.events.append((name, body))
        elif frame.startswith("43"):
            digits, _, rest = frame[2:].partition("[")
            self.answers[int(digits)] = json.loads("[" + rest)[0]
        elif frame in ("", "41"):
            raise websocket.WebSocketConnectionClosedException("the server closed the connection")
        else:
            assert frame.startswith("0"), f"unexpected frame {frame[:100]}"


def is_event(name: str) -> bool:
    """Whether it is an event of a session, and neither a notice nor of the connection."""
    return name != "error" and not name.startswith(("session:", "connection:"))


def envelope(session: str, seq: int, kind: str = "step:done", **data: Any) -> dict[str, Any]:
    """An event as it is published."""
    return {"session": session, "seq": seq, "type": kind, "at": "2025-11-16T15:33:16.000+00:00", "data": data}


class Relay:
    """A TCP relay in front of a server on this machine: one thread, and connections that can be cut."""

    def __init__(self, port: int) -> None:
        self._port, self.cuts = port, 0
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._listener, selectors.EVENT_READ)
        self._wake, self._woken = socket.socketpair()
        self._selector.register(self._woken, selectors.EVENT_READ)
        self._peers: dict[socket.socket, socket.socket] = {}
        self._lock = threading.Lock()
        self._is_open, self._is_over = True, False
        self._thread = threading.Thread(target=self._work)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._is_over = True
        self._wake.send(b"x")
        self._thread.join()
        self.cut()
        for each in (self._listener, self._selector, self._wake, self._woken):
            each.close()

    def cut(self) -> None:
        """End all connections at once, on both sides, without a word of the protocol."""
        with self._lock:
            self.cuts += bool(self._peers)
            for each in list(self._peers):
                self._drop(each)

    @contextlib.contextmanager
    def closed(self) -> Iterator[None]:
        """Cut, and let no client through for as long as the block lasts."""
        self._is_open = False
        self.cut()
        try:
            yield
        finally:
            self._is_open = True

    def _work(self) -> None:
        while not self._is_over:
            for key, _ in self._selector.select():
                with self._lock:
                    self._take(key.fileobj)

    def _take(self, ready: Any) -> None:
        if ready is self._listener:
            self._accept()
        elif ready in self._peers:
            try:
                data = ready.recv(65_536)
                self._peers[ready].sendall(data)
            except OSError:
                data = b""
            if not data:
                self._drop(ready)

    def _accept(self) -> None:
        near, _ = self._listener.accept()
        if not self._is_open:
            near.close()
            return
        far = socket.create_connection(("127.0.0.1", self._port))
        for one, other in ((near, far), (far, near)):
            one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._peers[one] = other
            self._selector.register(one, selectors.EVENT_READ)

    def _drop(self, one: socket.socket) -> None:
        other = self._peers.pop(one, None)
        if other is not None:
            del self._peers[other]
            for each in (one, other):
                self._selector.unregister(each)
                each.close()
