"""Where clients live: in processes beside the harness; `under_locust.py` has another way."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from harness.launch.processes import Child
from harness.load.behaviour import Behaviour
from harness.load.clocks import SAME, Compared

Member = tuple[int, str, int]
"""A client's number, its session, and which behaviour it has."""

OPENING_S = 120.0
"""How long all clients together may take to be there."""

FENCING_S = 60.0
"""How long the fences of all may take: what is queued for a thousand connections is written one after the other."""


@dataclass(frozen=True, slots=True)
class Kept:
    """The log of some clients, in a file, and how their clock stands to the harness's."""

    path: Path
    clock: Compared


@dataclass(frozen=True, slots=True)
class Handed:
    """What clients handed in at the end: their logs, and why there is none of some."""

    logs: Sequence[Kept]
    lost: Mapping[int, str] = field(default_factory=dict)


class Hosts(Protocol):
    """Who holds the clients' connections."""

    def open(self, behaviours: Sequence[Behaviour], members: Sequence[Member], timeout_s: float) -> int:
        """Connect all. Returns how many are there."""

    def fence(self) -> None:
        """Fence every client."""

    def hand_in(self) -> Handed:
        """Have what all saw put into files."""

    def show(self, name: str, times_ms: Sequence[float]) -> None:
        """Hear how long the events of a name took to its clients."""

    @property
    def pids(self) -> Sequence[int]:
        """Their processes, as far as they are this machine's."""

    def close(self) -> None:
        """Hang up, and end what was started."""


class Processes:
    """Clients shared out among so many processes of this machine, whose clock is the harness's."""

    def __init__(self, folder: Path, count: int) -> None:
        self._folder = folder
        self._workers = [
            started(folder, f"clients-{number + 1}", ["harness.load.worker"], str(number)) for number in range(count)
        ]
        self._asked = 0

    def open(self, behaviours: Sequence[Behaviour], members: Sequence[Member], timeout_s: float) -> int:
        count, told = len(self._workers), [behaviour.to_json() for behaviour in behaviours]
        asked = [
            {"do": "open", "behaviours": told, "members": members[number::count], "timeout_s": timeout_s}
            for number in range(count)
        ]
        return sum(int(each["opened"]) for each in self._ask(asked, OPENING_S))

    def fence(self) -> None:
        self._ask([{"do": "fence", "timeout_s": FENCING_S}] * len(self._workers), FENCING_S + 20)

    def hand_in(self) -> Handed:
        paths = [self._folder / f"{number}.columns" for number in range(len(self._workers))]
        self._ask([{"do": "keep", "path": str(path)} for path in paths], FENCING_S)
        return Handed([Kept(path, SAME) for path in paths])

    def show(self, name: str, times_ms: Sequence[float]) -> None:
        """Nobody looks."""

    @property
    def pids(self) -> Sequence[int]:
        return [worker.pid for worker in self._workers]

    def close(self) -> None:
        for worker in self._workers:
            worker.close_input()
        for worker in self._workers:
            worker.ends_within(2)
            worker.stop()

    def _ask(self, told: Sequence[Mapping[str, Any]], timeout_s: float) -> list[dict[str, Any]]:
        """Ask all processes at once, and wait for their answers. Raises TimedOut, NotStarted for one that ended."""
        self._asked += 1
        for worker, each in zip(self._workers, told, strict=True):
            put(worker, self._asked, each, timeout_s)
        return [answered(worker, self._asked, timeout_s) for worker in self._workers]


def started(folder: Path, name: str, module: Sequence[str], file: str) -> Child:
    """A Python program of a module and its arguments, which reads and prints JSON lines."""
    return Child(
        name,
        [sys.executable, "-m", *module],
        log=folder / f"{file}.out",
        errors=folder / f"{file}.err",
        env={**os.environ},
        stdin=True,
    )


def put(child: Child, number: int, told: Mapping[str, Any], timeout_s: float) -> None:
    """Tell a child what to do."""
    child.write(json.dumps({**told, "number": number}) + "\n", timeout_s)


def answered(child: Child, number: int, timeout_s: float) -> dict[str, Any]:
    """Its answer to that. Raises TimedOut, NotStarted for a child that ended."""
    wanted = rf'^(?P<answer>\{{"number": {number}, .*)$'
    found: dict[str, Any] = json.loads(child.wait_line(wanted, timeout_s)["answer"])
    return found
