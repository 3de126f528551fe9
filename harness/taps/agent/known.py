"""Who has reported to the hub, under which name, and to whom the records of that name go."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import TypeAlias

from harness.taps.agent.lines import LineTooLong
from harness.taps.agent.process import ENDED, Process, RawRecord, why_not_taken

OnRecord: TypeAlias = Callable[[str, RawRecord], None]
"""Called with the observer's name and the record."""


class Known:
    """All processes that have connected. One thread writes it, any may read it, and wait for it to change (`changed`).

    `seen` are the names of those that came since they were last forgotten; `broken` says of a name why what was taken
    of it is not all; `failure` is what went wrong with a process that never said its name; `ended_by` why nothing is
    read any more.
    """

    def __init__(self) -> None:
        self.changed = threading.Condition()
        self.processes: list[Process] = []
        self.receivers: dict[str, OnRecord] = {}
        self.seen: set[str] = set()
        self.broken: dict[str, str] = {}
        self.failure: str | None = None
        self.ended_by: str | None = None
        self._ended_alone: dict[str, list[RawRecord]] = {}

    def of(self, name: str) -> list[Process]:
        """The processes of a name that were not forgotten."""
        return [process for process in self.processes if process.name == name]

    def are_live(self, name: str) -> bool:
        """Whether a process of that name is connected."""
        return any(process.live for process in self.of(name))

    def are_hooked(self, name: str) -> bool:
        """Whether one of them is observed from inside."""
        return any(process.live and process.hooked for process in self.of(name))

    @property
    def is_over(self) -> bool:
        """Whether what was waited for can't come any more."""
        return self.failure is not None or self.ended_by is not None

    def forget(self, name: str) -> None:
        """Treat the name as never seen and drop its receiver: another process may come with it."""
        with self.changed:
            self.receivers.pop(name, None)
            self.seen.discard(name)
            self.broken.pop(name, None)
            self._ended_alone.pop(name, None)
            self.processes = [process for process in self.processes if process.live or process.name != name]

    # What follows is for the thread that reads.

    def take(self, process: Process, chunk: bytes) -> None:
        """Hand on every record that is whole by now."""
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

    def leave(self, process: Process) -> None:
        """All that a process had to say was taken, and its connection is over."""
        self._tell_end(process)
        with self.changed:
            process.live = False
            if process.name is None:
                self.processes.remove(process)
            self.changed.notify_all()

    def end(self, why: str) -> None:
        """Nothing is read any more."""
        with self.changed:
            self.ended_by = why
            for process in self.processes:
                process.live = False
            self.changed.notify_all()

    def _tell_end(self, process: Process) -> None:
        """One of several of a name has ended, and its connections with it: one that is killed says nothing.

        Of the last one this is told when another comes in its place, as under a supervisor: before that it is the end
        of the server itself.
        """
        name = process.name
        if name is None or process.who is None:
            return
        end = {"k": ENDED, "n": 0, "t": time.monotonic_ns(), "process": process.who}
        if any(each.live and each.hooked for each in self.of(name) if each is not process):
            self._hand_on(name, end)
        else:
            self._ended_alone.setdefault(name, []).append(end)

    def _hand_on(self, name: str, record: RawRecord) -> None:
        """A record of the hub's own, to the receiver that is registered for the name."""
        receiver = self.receivers.get(name)
        try:
            if receiver is not None:
                receiver(name, record)
        except Exception as error:  # noqa: BLE001  # as for a process's records: this thread must go on
            self._fail(name, f"could not be taken: {why_not_taken(error)}")

    def _handle(self, process: Process, record: RawRecord) -> None:
        if record["k"] == "hello":
            with self.changed:
                process.name = str(record["name"])
                if record.get("process"):
                    thread = f".{record['thread']}" if record.get("thread") else ""
                    process.who = f"{record['process']}:{record['pid']}{thread}"
                self.seen.add(process.name)
        name = process.name
        if name is None:
            raise ValueError("it did not say hello first")
        if record["k"] == "hooks":
            for end in self._ended_alone.pop(name, ()):
                self._hand_on(name, end)
        receiver = self.receivers.get(name)
        if receiver is not None:
            receiver(name, record if process.who is None else {**record, "process": process.who})
        with self.changed:
            if process.note(record):
                self.changed.notify_all()

    def _fail(self, name: str | None, what: str) -> None:
        with self.changed:
            if name is None:
                self.failure = self.failure or f"A record of an unnamed process {what}."
            else:
                self.broken.setdefault(name, f"a record of its agent {what}")
            self.changed.notify_all()
