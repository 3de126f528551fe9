"""One observed process as the hub knows it: its connection, its name, and what its records have said of itself."""

from __future__ import annotations

import json
import socket
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from harness.taps.agent.lines import Lines

RawRecord: TypeAlias = dict[str, Any]
"""One line of an agent: `k` its kind, `n` its number in that process, `t` monotonic ns, and what the kind has."""

CHUNK = 1 << 16

US = 1000
"""Nanoseconds."""

BASE = "base"
"""The kind of a line that is no record: the number and the time that the records after it count from."""

ENDED = "process-ended"
"""The kind of a record of the hub's own: a process has ended, as its end of the socket tells."""


def read_record(line: bytes) -> RawRecord:
    """The record that a line holds. Raises ValueError, with a reason to be read, where it holds none."""
    try:
        record = json.loads(line)
    except (ValueError, RecursionError):
        raise ValueError("it is not JSON") from None
    if not isinstance(record, dict) or not isinstance(record.get("k"), str):
        raise ValueError("it has no kind")
    return record


def why_not_taken(error: Exception) -> str:
    """What is told of a record that was not taken. What is not the record's fault is told as it was raised."""
    match error:
        case KeyError(args=(field, *_)):
            return f"it has no {field!r}"[:300]
        case ValueError():
            return f"{error}"[:300]
        case TypeError() | AttributeError() | LookupError():
            return f"a field of it is not of its kind ({error})"[:300]
        case _:
            return f"{error!r}"[:300]


@dataclass(slots=True)
class Process:
    """One connection. `serial` is its place in the order of connecting; `live` until its end was read.

    `who` it is among the processes of a system: its name in the target and its number, as `east:4711`, or `east:4711.2`
    of a worker thread of Node.js, which has an agent and connections of its own; None for a CLI.
    `hooked`: python-socketio is imported there and observed. `is_whole`: it said goodbye, and no record is missing.
    `unread` is a Socket.IO library there that can't be observed, and why.
    `counted` is the number of its last record that was told in short, and `counted_ns` its time.
    """

    connection: socket.socket
    serial: int
    lines: Lines = field(default_factory=Lines)
    name: str | None = None
    who: str | None = None
    hooked: bool = False
    live: bool = True
    unread: str | None = None
    taken: int = 0
    counted: int = 0
    counted_ns: int = 0
    is_whole: bool = False
    replies: dict[int, RawRecord] = field(default_factory=dict)

    def receive(self) -> bytes | None:
        """What has come, at most CHUNK bytes; empty at the end, None when nothing is there yet."""
        try:
            return self.connection.recv(CHUNK)
        except BlockingIOError:
            return None
        except OSError:  # it was killed with our question unread
            return b""

    def read(self, line: bytes) -> RawRecord | None:
        """The record that a line holds, whole; None for what only the next ones count from (`base`).

        An agent may tell a record in short: `d` are the microseconds since the one before it, in place of `n` and `t`,
        and a `request` of 0 or less says how many records back the one is that it means.
        Raises ValueError, with a reason to be read, where there is no record in it, and TypeError or KeyError as a
        field is not what it should be.
        """
        record = read_record(line)
        if record["k"] == BASE:
            self.counted, self.counted_ns = record["n"], record["t"]
            return None
        if "d" in record:
            self.counted += 1
            self.counted_ns += record.pop("d") * US
            record |= {"n": self.counted, "t": self.counted_ns}
            if record.get("request") is not None:
                record["request"] += self.counted
        return record

    def ask(self, token: int) -> None:
        """Ask for its state. One that has just ended, or takes nothing any more, does not answer."""
        try:
            self.connection.send(json.dumps({"sync": token}).encode() + b"\n")
        except OSError:
            return

    def note(self, record: RawRecord) -> bool:
        """Keep what a record says of the process itself; whether a caller may have waited for it."""
        kind = record["k"]
        self.taken += 1
        self.is_whole = kind == "bye" and self.taken == record["n"]
        if kind == "hooks":
            self.hooked = True
        elif kind == "unread":
            self.unread = (
                f"{record['library']} {record['version']} speaks protocol {record['protocol']} of Engine.IO, "
                "and only 4 is read (socket.io 3 and later)"
            )
        elif kind == "sync":
            self.replies = {record["token"]: record}
        return kind in ("hello", "hooks", "sync")
