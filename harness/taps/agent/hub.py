"""Where the agents of all processes report: one Unix socket, one thread, records handed over in order."""

from __future__ import annotations

import contextlib
import json
import select
import selectors
import socket
import threading
import time
from collections.abc import Callable

from harness.lib import lifeline
from harness.lib.closing import Closing
from harness.taps.agent.known import Known, OnRecord
from harness.taps.agent.launch import compile_site
from harness.taps.agent.process import CHUNK, Process
from harness.taps.agent.reply import SyncReply, merge
from harness.taps.agent.socket_folder import short_folder

PAUSE_MS = 5
"""How long the hub lets records gather in the kernel after it has read some, unless a caller waits for one.

Waking a sleeping reader for every record cost the observed process 80 µs each; written without waking, one costs 3.
"""


class AgentError(Exception):
    """The receiving side failed: the record of the run has a hole."""


class AgentHub(Closing):
    """Listens at `path`, from construction to `close`. Its methods may be called from any thread but its own.

    A name's records go to its registered receiver (`on`), in the hub's own thread, in each process's order. What a
    receiver raises, and lines of a known process that are not records, are told by `why_dead`: its tap can't be
    believed. Lines of a process that never said its name come out of the next call that waits as AgentError.
    """

    def __init__(self) -> None:
        compile_site()
        self._known = Known()
        self._changed = self._known.changed
        self._serial = 0
        self._token = 0
        self._closing = False
        self._waiting = 0
        self._folder = lifeline.folder("hub-", short_folder())
        self.path = str(self._folder / "agents")
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._listener.bind(self.path)
        self._listener.listen(128)
        self._listener.setblocking(False)
        self._wake, self._woken = socket.socketpair()
        self._woken.setblocking(False)
        self._wake.setblocking(False)
        self._thread = threading.Thread(target=self._run, name="agent-hub", daemon=True)
        self._thread.start()

    def on(self, name: str, receiver: OnRecord | None) -> None:
        """Hand the records of that name to `receiver` from now on, in place of the one before; None drops them."""
        with self._changed:
            if receiver is None:
                self._known.receivers.pop(name, None)
            else:
                self._known.receivers[name] = receiver

    def alive(self, name: str) -> bool:
        """Whether a process of that name is connected now."""
        with self._changed:
            return self._known.are_live(name)

    def hooked(self, name: str) -> bool:
        """Whether a connected process of that name has imported python-socketio, so that its agent observes it."""
        with self._changed:
            return self._known.are_hooked(name)

    def unread(self, name: str) -> str | None:
        """Why the Socket.IO library in a process of that name can't be observed; None where it can, or is not there."""
        with self._changed:
            return next((process.unread for process in self._known.of(name) if process.unread is not None), None)

    def wait_for(self, name: str, timeout_s: float) -> bool:
        """Wait until a process of that name has connected; False at the deadline."""
        return self._wait(lambda: self._known.are_live(name), timeout_s)

    def wait_hooked(self, name: str, timeout_s: float) -> bool:
        """Wait until a process of that name has its hooks in place; False at the deadline."""
        return self._wait(lambda: self._known.are_hooked(name), timeout_s)

    def ended(self, name: str) -> bool:
        """Whether every process of that name has ended, after all its records were handed over."""
        with self._changed:
            return name in self._known.seen and not self._known.are_live(name)

    def wait_ended(self, name: str, timeout_s: float) -> bool:
        """Wait until every process of that name has ended and all its records were handed over.

        False at the deadline, and at once when no process of that name ever connected: it was not observed.
        """
        with self._changed:
            known = name in self._known.seen
        if not known:
            self._settle(timeout_s)
        with self._changed:
            if name not in self._known.seen:
                return False
        return self._wait(lambda: not self._known.are_live(name), timeout_s)

    def whole(self, name: str) -> bool:
        """Whether nothing is missing of what processes of that name recorded: each said goodbye after all of it.

        One without python-socketio has nothing to record. One that was killed can't say goodbye.
        """
        with self._changed:
            return all(process.is_whole or not process.hooked for process in self._known.of(name))

    def why_dead(self, name: str) -> str | None:
        """Why what was taken of that name since the last call is not all that it recorded; None where it is."""
        with self._changed:
            return self._known.ended_by or self._known.broken.pop(name, None)

    def forget(self, name: str) -> None:
        """Treat the name as never seen and drop its receiver: another process may come with it."""
        self._known.forget(name)

    def sync(self, name: str, timeout_s: float) -> SyncReply | None:
        """Ask for the state after everything recorded so far. None when no process of that name can answer in time.

        Where several processes have the name (a server's workers), counts are added and rooms joined. Whoever has
        connected by now is asked, also where this thread was too late to have read so.
        """
        deadline = time.monotonic() + timeout_s
        self._settle(timeout_s)
        with self._changed:
            self._token += 1
            token = self._token
            asked = [process for process in self._known.of(name) if process.live and process.hooked]
        for process in asked:
            process.ask(token)

        def answered() -> bool:
            return all(token in process.replies or not process.live for process in asked)

        self._wait(answered, deadline - time.monotonic())
        with self._changed:
            replies = [process.replies.pop(token, None) for process in asked]
        told = [reply for reply in replies if reply is not None]
        return merge(told) if told and len(told) == len(asked) else None

    def close(self) -> None:
        """Stop listening; the thread, the sockets and the folder go. Raises AgentError if records were lost."""
        if not self._closing:
            self._closing = True
            self._rouse()
            self._thread.join()
            for process in self._known.processes:
                process.connection.close()
            for connection in (self._listener, self._wake, self._woken):
                connection.close()
            lifeline.remove(self._folder)
        self._check()

    def _check(self) -> None:
        failure, self._known.failure = self._known.failure, None
        if failure is not None:
            raise AgentError(failure)

    def _wait(self, condition: Callable[[], bool], timeout_s: float) -> bool:
        with self._changed:
            self._waiting += 1
            self._rouse()
            try:
                held = self._changed.wait_for(lambda: condition() or self._known.is_over, timeout_s)
            finally:
                self._waiting -= 1
            self._check()
        return held and self._known.ended_by is None

    def _rouse(self) -> None:
        """End the thread's pause."""
        with contextlib.suppress(BlockingIOError):  # full: it is being woken already
            self._wake.send(b"x")

    def _settle(self, timeout_s: float) -> None:
        """Wait until every process that has connected up to now has said its name.

        A connection of our own does it: the kernel hands them out in order, and older ones are read first.
        """
        deadline = time.monotonic() + timeout_s
        with self._changed:
            self._token += 1
            name = f"\0{self._token}"
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
            connection.settimeout(timeout_s)
            connection.connect(self.path)
            connection.sendall(json.dumps({"k": "hello", "name": name}).encode() + b"\n")
            self._wait(lambda: name in self._known.seen, deadline - time.monotonic())
        self._wait(lambda: not self._known.are_live(name), deadline - time.monotonic())
        self.forget(name)

    # What follows runs in the hub's thread.

    def _run(self) -> None:
        try:
            self._serve()
        except Exception as error:  # noqa: BLE001  # a thread ends silently, and every agent goes unread
            self._known.end(f"the thread that reads the agents ended: {type(error).__name__}: {error}"[:500])

    def _serve(self) -> None:
        with selectors.DefaultSelector() as selector:
            selector.register(self._woken, selectors.EVENT_READ)
            selector.register(self._listener, selectors.EVENT_READ)
            pause = select.poll()
            pause.register(self._woken, select.POLLIN)
            while not self._closing:
                ready = [key.data for key, _ in selector.select()]
                has_more = False
                for process in sorted((data for data in ready if data is not None), key=lambda data: data.serial):
                    has_more |= self._read(process, selector) == CHUNK
                if None in ready:
                    self._woken_or_called(selector)
                elif not self._waiting and not has_more:
                    pause.poll(PAUSE_MS)

    def _woken_or_called(self, selector: selectors.BaseSelector) -> None:
        """Take what woke us off its queue, and a new connection if there is one."""
        with contextlib.suppress(BlockingIOError):
            self._woken.recv(64)
        try:
            connection, _ = self._listener.accept()
        except BlockingIOError:
            return
        connection.setblocking(False)
        with self._changed:
            self._serial += 1
            process = Process(connection, self._serial)
            self._known.processes.append(process)
        selector.register(connection, selectors.EVENT_READ, process)

    def _read(self, process: Process, selector: selectors.BaseSelector) -> int:
        """Take what has come from one process; the number of bytes."""
        chunk = process.receive()
        if chunk is None:
            return 0
        if chunk:
            self._known.take(process, chunk)
            return len(chunk)
        selector.unregister(process.connection)
        process.connection.close()
        self._known.leave(process)
        return 0
