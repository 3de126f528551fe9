"""The clients of a run, in processes of their own: opened, fenced, and written into its ledger at its end."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Mapping, Sequence
from typing import Any

from harness.launch.processes import Child
from harness.load.behaviour import Behaviour
from harness.load.log import read
from harness.load.spending import spent
from harness.load.told import Told, told
from harness.model import Fact, Hop
from harness.model.facts import ClockCompared, Fence, TapTried
from harness.record.evidence import NO_CONNECTION
from harness.record.identity import Envelope
from harness.run.recording import Recording

PREFIX = "L"
"""How the labels of clients begin."""

FIRST = 10
"""The number of a client's first row in its record: before it stands what is known of its clock and its tap."""

OPENING_S = 120.0
"""How long all clients together may take to be there."""

FENCING_S = 60.0
"""How long the fences of all may take: what is queued for a thousand connections is written one after the other."""


def labels(count: int) -> tuple[str, ...]:
    """The labels of so many clients."""
    width = len(str(count))
    return tuple(f"{PREFIX}{number:0{width}d}" for number in range(1, count + 1))


class Crowd:
    """Clients by their labels, shared out among so many processes."""

    def __init__(self, run: Recording, clients: Sequence[str], processes: int) -> None:
        self._run, self._labels = run, clients
        self._envelope: Envelope = run.stack.target.egress
        self._folder = run.stack.folder / "clients"
        self._folder.mkdir(exist_ok=True)
        self._workers = [self._start(number) for number in range(processes)]
        self._asked = 0

    def open(self, behaviours: Sequence[Behaviour], sessions: Sequence[str], timeout_s: float) -> int:
        """Connect all; sessions and behaviours are shared out among them in turn. Returns how many are there."""
        each = len(sessions)
        members = [
            (place, sessions[place % each], (place + place // each) % len(behaviours))
            for place in range(len(self._labels))
        ]
        count, told = len(self._workers), [behaviour.to_json() for behaviour in behaviours]
        asked = [
            {"do": "open", "behaviours": told, "members": members[number::count], "timeout_s": timeout_s}
            for number in range(count)
        ]
        at_ns = time.monotonic_ns()
        found = self._ask(asked, OPENING_S)
        for label in self._labels:
            observer = f"dashboard:{label}.1"
            self._run.take(Fact(observer, 1, at_ns, ClockCompared(0, 0)))
            self._run.take(Fact(observer, 2, at_ns, _tried("before", None)))
        return sum(int(each["opened"]) for each in found)

    def conclude(self) -> None:
        """Fence every client, and write down what all of them saw."""
        count = len(self._workers)
        self._ask([{"do": "fence", "timeout_s": FENCING_S}] * count, FENCING_S + 20)
        paths = [self._folder / f"{number}.columns" for number in range(count)]
        servers = [
            self._run.stack.children.pid(each.name) for each in self._run.stack.target.servers if each.url is None
        ]
        for each in spent({"system": servers, "clients": self.pids}, "harness"):
            self._run.tell(each)
        self._ask([{"do": "keep", "path": str(path)} for path in paths], FENCING_S)
        observers, at_ns = [f"dashboard:{label}.1" for label in self._labels], time.monotonic_ns()
        rows, back, lost = dict[int, int](), dict[int, float](), set[int]()
        for path in paths:
            log = read(path)
            found = told(log, observers, self._envelope, self._envelope.known_as, FIRST)
            rows |= found.rows
            back |= log.fences
            lost |= found.lost
            self._write(found)
            path.unlink()
        for member, label in enumerate(self._labels):
            n = FIRST + rows.get(member, 0)
            why = None if member in back else NO_CONNECTION if member in lost else "no answer in time"
            fence = Fence(label, member in back, "websocket", back.get(member, 0.0), why=why)
            self._run.take(Fact(observers[member], n + 1, at_ns, fence))
            self._run.take(Fact(observers[member], n + 2, at_ns, _tried("after", why)))

    def close(self) -> None:
        """Hang up, and end the processes."""
        for worker in self._workers:
            worker.close_input()
        for worker in self._workers:
            worker.ends_within(2)
            worker.stop()

    @property
    def pids(self) -> list[int]:
        """The processes that the clients live in."""
        return [worker.pid for worker in self._workers]

    def _write(self, found: Told) -> None:
        for fact in found.facts:
            self._run.take(fact)
        self._run.take_many(found.sightings)

    def _start(self, number: int) -> Child:
        return Child(
            f"clients-{number + 1}",
            [sys.executable, "-m", "harness.load.worker"],
            log=self._folder / f"{number}.out",
            errors=self._folder / f"{number}.err",
            env={**os.environ},
            stdin=True,
        )

    def _ask(self, told: Sequence[Mapping[str, Any]], timeout_s: float) -> list[dict[str, Any]]:
        """Ask all processes at once, and wait for their answers. Raises TimedOut, NotStarted for one that ended."""
        self._asked += 1
        for worker, each in zip(self._workers, told, strict=True):
            worker.write(json.dumps({**each, "number": self._asked}) + "\n", timeout_s)
        wanted = rf'^(?P<answer>\{{"number": {self._asked}, .*)$'
        return [json.loads(worker.wait_line(wanted, timeout_s)["answer"]) for worker in self._workers]


def _tried(phase: str, why: str | None) -> TapTried:
    return TapTried("wire", (Hop.DELIVERED,), phase, why is None, why)
