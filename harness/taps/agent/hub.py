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
from typing import TypeAlias

from harness.lib import lifeline
from harness.lib.closing import Closing
from harness.taps.agent.launch import compile_site
from harness.taps.agent.lines import LineTooLong
from harness.taps.agent.process import CHUNK, ENDED, Process, RawRecord, why_not_taken
from harness.taps.agent.reply import SyncReply, merge
from harness.taps.agent.socket_folder import short_folder

OnRecord: TypeAlias = Callable[[str, RawRecord], None]
"""Called with the observer's name and the record."""

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
        self._receivers: dict[str, OnRecord] = {}
        self._changed = threading.Condition()
        self._processes: list[Process] = []
        self._serial = 0
        self._token = 0
        self._seen: set[str] = set()
        self._failure: str | None = None
        self._broken: dict[str, str] = {}
        self._ended_alone: dict[str, list[RawRecord]] = {}
        self._ended_by: str | None = None
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
                self._receivers.pop(name, None)
            else:
                self._receivers[name] = receiver

    def alive(self, name: str) -> bool:
        """Whether a process of that name is connected now."""
        with self._changed:
            return any(process.live for process in self._of(name))

    def hooked(self, name: str) -> bool:
        """Whether a connected process of that name has imported python-socketio, so that its agent observes it."""
        with self._changed:
            return any(process.live and process.hooked for process in self._of(name))

    def unread(self, name: str) -> str | None:
        """Why the Socket.IO library in a process of that name can't be observed; None where it can, or is not there."""
        with self._changed:
            return next((process.unread for process in self._of(name) if process.unread is not None), None)

    def wait_for(self, name: str, timeout_s: float) -> bool:
        """Wait until a process of that name has connected; False at the deadline."""
        return self._wait(lambda: any(process.live for process in self._of(name)), timeout_s)

    def wait_hooked(self, name: str, timeout_s: float) -> bool:
        """Wait until a process of that name has its hooks in place; False at the deadline."""
        return self._wait(lambda: any(process.live and process.hooked for process in self._of(name)), timeout_s)

    def ended(self, name: str) -> bool:
        """Whether every process of that name has ended, after all its records were handed over."""
        with self._changed:
            return name in self._seen and not any(process.live for process in self._of(name))

    def wait_ended(self, name: str, timeout_s: float) -> bool:
        """Wait until every process of that name has ended and all its records were handed over.

        False at the deadline, and at once when no process of that name ever connected: it was not observed.
        """
        with self._changed:
            known = name in self._seen
        if not known:
            self._settle(timeout_s)
        with self._changed:
            if name not in self._seen:
                return False
        return self._wait(lambda: not any(process.live for process in self._of(name)), timeout_s)

    def whole(self, name: str) -> bool:
        """Whether nothing is missing of what processes of that name recorded: each said goodbye after all of it.

        One without python-socketio has nothing to record. One that was killed can't say goodbye.
        """
        with self._changed:
            return all(process.is_whole or not process.hooked for process in self._of(name))

    def why_dead(self, name: str) -> str | None:
        """Why what was taken of that name since the last call is not all that it recorded; None where it is."""
        with self._changed:
            return self._ended_by or self._broken.pop(name, None)

    def forget(self, name: str) -> None:
        """Treat the name as never seen and drop its receiver: another process may come with it."""
        with self._changed:
            self._receivers.pop(name, None)
            self._seen.discard(name)
            self._broken.pop(name, None)
            self._ended_alone.pop(name, None)
            self._processes = [process for process in self._processes if process.live or process.name != name]

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
            asked = [process for process in self._of(name) if process.live and process.hooked]
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
            for process in self._processes:
                process.connection.close()
            for connection in (self._listener, self._wake, self._woken):
                connection.close()
            lifeline.remove(self._folder)
        self._check()

    def _of(self, name: str) -> list[Process]:
        return [process for process in self._processes if process.name == name]

    def _check(self) -> None:
        failure, self._failure = self._failure, None
        if failure is not None:
            raise AgentError(failure)

    def _wait(self, condition: Callable[[], bool], timeout_s: float) -> bool:
        with self._changed:
            self._waiting += 1
            self._rouse()
            try:
                held = self._changed.wait_for(
                    lambda: condition() or self._failure is not None or self._ended_by is not None, timeout_s
                )
            finally:
                self._waiting -= 1
            self._check()
        return held and self._ended_by is None

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
            self._wait(lambda: name in self._seen, deadline - time.monotonic())
        self._wait(lambda: not any(process.live for process in self._of(name)), deadline - time.monotonic())
        self.forget(name)

    # What follows runs in the hub's thread.

    def _run(self) -> None:
        try:
            self._serve()
        except Exception as error:  # noqa: BLE001  # a thread ends silently, and every agent goes unread
            with self._changed:
                self._ended_by = f"the thread that reads the agents ended: {type(error).__name__}: {error}"[:500]
                for process in self._processes:
                    process.live = False
                self._changed.notify_all()

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
            self._processes.append(process)
        selector.register(connection, selectors.EVENT_READ, process)

    def _read(self, process: Process, selector: selectors.BaseSelector) -> int:
        """Take what has come from one process; the number of bytes."""
        chunk = process.receive()
        if chunk is None:
            return 0
        if chunk:
            self._take(process, chunk)
            return len(chunk)
        selector.unregister(process.connection)
        process.connection.close()
        self._tell_end(process)
        with self._changed:
            process.live = False
            if process.name is None:
                self._processes.remove(process)
            self._changed.notify_all()
        return 0

    def _tell_end(self, process: Process) -> None:
        """One of several of a name has ended, and its connections with it: one that is killed says nothing.

        Of the last one this is told when another comes in its place, as under a supervisor: before that it is the end
        of the server itself.
        """
        name = process.name
        if name is None or process.who is None:
            return
        end = {"k": ENDED, "n": 0, "t": time.monotonic_ns(), "process": process.who}
        if any(each.live and each.hooked for each in self._of(name) if each is not process):
            self._hand_on(name, end)
        else:
            self._ended_alone.setdefault(name, []).append(end)

    def _hand_on(self, name: str, record: RawRecord) -> None:
        """A record of the hub's own, to the receiver that is registered for the name."""
        receiver = self._receivers.get(name)
        try:
            if receiver is not None:
                receiver(name, record)
        except Exception as error:  # noqa: BLE001  # as for a process's records: this thread must go on
            self._fail(name, f"could not be taken: {why_not_taken(error)}")

    def _take(self, process: Process, chunk: bytes) -> None:
        try:
            lines = process.lines.cut(chunk)
        except LineTooLong as error:
            self._fail(process.name, f"could not be taken: {error}")
            return
        for line in lines:
            try:
                record = process.read(line)
                if record is not None:
                    self._handle(process, record)
            except Exception as error:  # noqa: BLE001  # reported by the next call: this thread must go on for the other processes
                self._fail(process.name, f"could not be taken: {why_not_taken(error)}")

    def _handle(self, process: Process, record: RawRecord) -> None:
        if record["k"] == "hello":
            with self._changed:
                process.name = str(record["name"])
                if record.get("process"):
                    thread = f".{record['thread']}" if record.get("thread") else ""
                    process.who = f"{record['process']}:{record['pid']}{thread}"
                self._seen.add(process.name)
        name = process.name
        if name is None:
            raise ValueError("it did not say hello first")
        if record["k"] == "hooks":
            for end in self._ended_alone.pop(name, ()):
                self._hand_on(name, end)
        receiver = self._receivers.get(name)
        if receiver is not None:
            receiver(name, record if process.who is None else {**record, "process": process.who})
        with self._changed:
            if process.note(record):
                self._changed.notify_all()

    def _fail(self, name: str | None, what: str) -> None:
        with self._changed:
            if name is None:
                self._failure = self._failure or f"A record of an unnamed process {what}."
            else:
                self._broken.setdefault(name, f"a record of its agent {what}")
            self._changed.notify_all()
