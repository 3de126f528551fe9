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
