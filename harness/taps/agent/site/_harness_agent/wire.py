"""The connection to the harness: one JSON line a record, written soon and never waited for.

In a thread a record is in the kernel before the target goes on; under an event loop the records of one turn of the loop
go together, and those of a burst at most every four milliseconds, for sending is a third of what watching costs. So
they survive nearly whatever happens to the process next: no second thread must first be scheduled, and a process that
was killed in between has not said "bye". Only when the harness is late and the socket is full do records wait longer,
for a thread that sends them as fast as they are taken.

What it needs of the standard library it takes here, before the program's first line: gevent and eventlet put others in
their place, whose threads are greenlets, whose locks wait in another way. An RLock they would replace or complain of.
"""

from __future__ import annotations

import _socket
import os
import sys
from _json import encode_basestring_ascii as quote
from _socket import AF_UNIX, SOCK_STREAM, socket
from _thread import allocate_lock, start_new_thread
from _thread import get_ident as get_ident
from itertools import count
from select import POLLIN, POLLOUT, poll
from time import monotonic, monotonic_ns

TYPE_CHECKING = False  # see __init__
if TYPE_CHECKING:
    from collections import deque
    from collections.abc import Callable
    from typing import Any
else:
    from _collections import deque

# Without MSG_NOSIGNAL a target that gave SIGPIPE its default action would die when the harness goes away.
SEND_FLAGS = getattr(_socket, "MSG_NOSIGNAL", 0)
BACKLOG_BYTES = 256 * 1024 * 1024
TURN_RECORDS, TURN_TEXT = 100, 65536
"""More than this is not kept for the end of the loop's turn: records, and characters of one record."""

SPACING_S = 0.004
"""How far apart the turns of a burst are sent."""

TROUBLES_TOLD = 10
SECRET = ("token", "secret", "password", "authorization", "cookie")


class Wire:
    """One process's connection. Thread-safe, safe in signal handlers, silent after the harness has gone."""

    def __init__(self, path: str, *, name: str, role: str, process: str | None = None) -> None:
        self._path, self._name, self._role, self._process = path, name, role, process
        self._socket: socket | None = None
        self._on_line: Callable[[str], None] | None = None
        self._hooks = ""
        self._forked = False
        self.running_loop: Callable[[], Any] = _no_loop
        self._reset()
        os.register_at_fork(after_in_child=self._after_fork)

    def _reset(self) -> None:
        self._lock = allocate_lock()
        self._inside: set[int] = set()  # threads that have the lock, or wait for it, or are about to
        self._backlog: deque[bytes] = deque()
        self._backlog_bytes = 0
        self._draining = False
        self._turn: deque[tuple[str, int, str]] = deque()
        self._turn_of: Any = None
        self._sent_at = 0.0
        self._n = count(1)
        self._dropped = 0
        self._troubles = 0

    @property
    def silent(self) -> bool:
        """Nothing listens (any more): observing is pointless."""
        return self._socket is None and not self._forked

    @property
    def troubles(self) -> int:
        """How often the agent itself failed in this process."""
        return self._troubles

    def open(self) -> bool:
        """Connect and say hello. False when nothing listens."""
        connection = socket(AF_UNIX, SOCK_STREAM)
        connection.setblocking(False)  # connecting to a listening Unix socket succeeds or fails at once
        try:
            connection.connect(self._path)
        except OSError:
            connection.close()
            return False
        self._socket = connection
        self.put("hello", self._hello())
        return True

    def put(self, kind: str, body: str, at_ns: int | None = None) -> None:
        """Send one record. `body` is the inside of a JSON object, in ASCII; `at_ns` is now unless given."""
        if self._socket is None and not (self._forked and self._reopen()):
            return
        self._turn.append((kind, monotonic_ns() if at_ns is None else at_ns, body))
        loop = self.running_loop()
        if loop is None or len(self._turn) > TURN_RECORDS or len(body) > TURN_TEXT:
            self._send_turn()
        elif loop is not self._turn_of:
            self._turn_of = loop
            loop.call_soon(self._loop_turned)

    def listen(self, on_line: Callable[[str], None]) -> None:
        """Hand each line that the harness sends to `on_line`, in a thread that the target's own tools don't see."""
        self._on_line = on_line
        if self._socket is not None:
            start_new_thread(self._read, (self._socket, on_line))

    def announce(self, body: str) -> None:
        """Say which hooks are installed; a forked child says it again."""
        self._hooks = body
        self.put("hooks", body)

    def trouble(self, where: str, error: BaseException) -> None:
        """The agent itself failed: tell the harness (the first few times), never the target."""
        self._troubles += 1
        if self._troubles <= TROUBLES_TOLD:
            self.put("agent_error", f'"where":{quote(where)},"error":{quote(repr(error)[:300])}')

    def flush(self, patience_s: float) -> None:
        """Wait until everything is in the kernel, as long as the harness takes something every `patience_s`.

        For the end of the process: a harness on a busy machine may be late, one that has gone is not waited for.
        """
        self._end_turn()
        progress = monotonic()
        left = self._backlog_bytes
        while self._is_behind():
            self._send_backlog(int(patience_s * 1000))
            now = monotonic()
            if self._backlog_bytes != left:
                left, progress = self._backlog_bytes, now
            if now - progress > patience_s:
                return

    def _is_behind(self) -> bool:
        """Whether anything waits. Under the lock: the thread that drains takes a line out before the kernel has it."""
        return self._alone(lambda: None) and bool(self._backlog) and self._socket is not None

    def _alone(self, work: Callable[[], None]) -> bool:
        """Do something while no other thread does any. False, and nothing is done, where this thread does already.

        A signal handler of the target, or a destructor, may come in between anywhere and put a record. It finds its
        thread inside and leaves the record in the turn, where `_send_turn` looks again before it returns.
        """
        me = get_ident()
        if me in self._inside:
            return False
        try:
            self._inside.add(me)
            with self._lock:
                work()
        finally:
            self._inside.discard(me)
        return True

    def _loop_turned(self) -> None:
        """The loop has come to the next turn: send what the last one gathered, unless that was done just now."""
        loop = self._turn_of
        if loop is not None and monotonic() < self._sent_at + SPACING_S:
            loop.call_later(SPACING_S, self._end_turn)
        else:
            self._end_turn()

    def _end_turn(self) -> None:
        self._turn_of = None
        self._sent_at = monotonic()
        self._send_turn()

    def _send_turn(self) -> None:
        """Send what the turn has gathered, or put it after what is waiting already."""
        while self._turn and self._alone(self._write_turn):
            pass
        if self._backlog and not self._draining:
            self._draining = True
            start_new_thread(self._drain, ())

    def _write_turn(self) -> None:
        lines: list[str] = []
        while self._turn:
            kind, at, body = self._turn.popleft()
            lines.append(f'{{"k":"{kind}","n":{next(self._n)},"t":{at},{body}}}\n')
        left = "".join(lines).encode("ascii")
        if not self._backlog:
            left = self._try_send(left)
        if left and self._socket is not None:
            self._keep(left)

    def _try_send(self, lines: bytes) -> bytes:
        """Send without waiting. What is left of the lines; the caller is alone."""
        connection = self._socket
        if connection is None:
            return b""
        try:
            return lines[connection.send(lines, SEND_FLAGS) :]
        except (BlockingIOError, InterruptedError):
            return lines
        except OSError:
            self._give_up()
            return b""

    def _keep(self, line: bytes) -> None:
        if self._backlog_bytes + len(line) > BACKLOG_BYTES:
            self._dropped += 1  # the gap in `n` tells the harness
            return
        self._backlog.append(line)
        self._backlog_bytes += len(line)

    def _drain(self) -> None:
        """Send what is waiting, then end. Runs in a thread of its own, only while the harness is late."""
        while self._draining:
            self._send_backlog(1000)
            self._alone(self._drained)

    def _drained(self) -> None:
        self._draining = bool(self._backlog) and self._socket is not None

    def _send_backlog(self, timeout_ms: int) -> None:
        """Send as much as the kernel takes, after waiting for it to take something."""
        connection = self._socket
        if connection is None:
            return
        writable = poll()
        writable.register(connection.fileno(), POLLOUT)
        writable.poll(timeout_ms)
        self._alone(self._write_backlog)

    def _write_backlog(self) -> None:
        while self._backlog:
            lines = self._backlog.popleft()
            rest = self._try_send(lines)
            self._backlog_bytes -= len(lines) - len(rest)
            if rest:
                self._backlog.appendleft(rest)
                return

    def _read(self, connection: socket, on_line: Callable[[str], None]) -> None:
        readable = poll()
        readable.register(connection.fileno(), POLLIN)
        waiting = b""
        while self._socket is connection:
            readable.poll()
            try:
                chunk = connection.recv(65536)
            except (BlockingIOError, InterruptedError):
                continue
            except OSError:
                chunk = b""
            if not chunk:
                self._give_up()
                return
            *lines, waiting = (waiting + chunk).split(b"\n")
            for line in lines:
                try:
                    on_line(line.decode())
                except Exception as error:  # the thread must survive, the harness must hear of it
                    self.trouble("listen", error)

    def _give_up(self) -> None:
        """The harness has gone: be silent from now on. The descriptor stays open, so that no number is used twice."""
        self._socket = None
        self._backlog.clear()
        self._turn.clear()

    def _after_fork(self) -> None:
        """In a forked child: leave the parent's connection alone; one of its own comes with its first record."""
        connection, self._socket = self._socket, None
        self._reset()
        if connection is not None:
            self._forked = True
            connection.close()  # else the parent's connection would seem open after the parent's end

    def _reopen(self) -> bool:
        self._forked = False
        if not self.open():
            return False
        if self._hooks:
            self.put("hooks", self._hooks)
        if self._on_line is not None:
            self.listen(self._on_line)
        return True

    def _hello(self) -> str:
        version = ".".join(str(part) for part in sys.version_info[:3])
        argv = ",".join(quote(word) for word in without_secrets(sys.orig_argv))
        process = "null" if self._process is None else quote(self._process)
        return (
            f'"name":{quote(self._name)},"process":{process},"role":{quote(self._role)},"pid":{os.getpid()},"argv":[{argv}],'
            f'"python":"{version}","socketio":null,"hooks":{{}}'
        )


def _no_loop() -> None:
    """Stands for asyncio's running loop until the process has asyncio."""


def without_secrets(argv: list[str]) -> list[str]:
    """The command line with the values of --token X, --token=X and ?token=X taken out."""
    shown: list[str] = []
    hide = False
    for word in argv:
        option, equals, _value = word.partition("=")
        if hide and not word.startswith("-"):
            shown.append("[redacted]")
            hide = False
            continue
        secret = any(part in option.lower() for part in SECRET)
        shown.append(f"{option}=[redacted]" if secret and equals else word)
        hide = secret and not equals and word.startswith("-")
    return [word.encode("utf-8", "replace").decode() for word in shown]
