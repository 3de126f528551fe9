"""The clients of a run, wherever they live: opened, fenced, and written into its ledger at its end."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from harness.load.behaviour import Behaviour
from harness.load.clocks import SAME, Compared
from harness.load.hosts import Hosts
from harness.load.log import read
from harness.load.spending import spent
from harness.load.told import Told, told
from harness.model import Fact, Hop
from harness.model.facts import ClockCompared, Fence, TapTried
from harness.record.evidence import NO_CONNECTION
from harness.record.identity import Envelope
from harness.record.many import Sightings
from harness.run.recording import Recording

PREFIX = "L"
"""How the labels of clients begin."""

FIRST = 10
"""The number of a client's first row in its record: before it stands what is known of its clock and its tap."""


def labels(count: int) -> tuple[str, ...]:
    """The labels of so many clients."""
    width = len(str(count))
    return tuple(f"{PREFIX}{number:0{width}d}" for number in range(1, count + 1))


class Crowd:
    """Clients by their labels. `hosts` holds their connections."""

    def __init__(self, run: Recording, clients: Sequence[str], make: Callable[[Path], Hosts]) -> None:
        """`make` is given a folder for what the hosts need."""
        self._run, self._labels = run, clients
        self._envelope: Envelope = run.stack.target.egress
        folder = run.stack.folder / "clients"
        folder.mkdir(exist_ok=True)
        self._hosts = make(folder)
        self._is_told = False

    def open(self, behaviours: Sequence[Behaviour], sessions: Sequence[str], timeout_s: float) -> int:
        """Connect all; sessions and behaviours are shared out among them in turn. Returns how many are there."""
        each = len(sessions)
        members = [
            (place, sessions[place % each], (place + place // each) % len(behaviours))
            for place in range(len(self._labels))
        ]
        at_ns = time.monotonic_ns()
        opened = self._hosts.open(behaviours, members, timeout_s)
        for label in self._labels:
            observer = f"dashboard:{label}.1"
            self._run.take(Fact(observer, 1, at_ns, ClockCompared(0, 0)))
            self._run.take(Fact(observer, 2, at_ns, _tried("before", None)))
        return opened

    def conclude(self) -> None:
        """Fence every client, and write down what all of them saw: once, also where a run is concluded again."""
        if self._is_told:
            return
        self._hosts.fence()
        servers = [
            self._run.stack.children.pid(each.name) for each in self._run.stack.target.servers if each.url is None
        ]
        for spending in spent({"system": servers, "clients": self._hosts.pids}, "harness"):
            self._run.tell(spending)
        handed = self._hosts.hand_in()
        self._is_told = True
        observers, at_ns = [f"dashboard:{label}.1" for label in self._labels], time.monotonic_ns()
        rows, back, lost, clocks = dict[int, int](), dict[int, float](), set[int](), dict[int, Compared]()
        times: dict[str, list[float]] = defaultdict(list)
        for kept in handed.logs:
            log = read(kept.path)
            log.move(kept.clock.offset_ns)
            found = told(log, observers, self._envelope, self._envelope.known_as, FIRST)
            rows |= found.rows
            back |= log.fences
            lost |= found.lost
            clocks |= dict.fromkeys(found.rows, kept.clock)
            self._write(found)
            for name, times_ms in took(found.sightings, self._run.first_ns or {}).items():
                times[name] += times_ms
            kept.path.unlink()
        for member, label in enumerate(self._labels):
            n, clock = FIRST + rows.get(member, 0), clocks.get(member, SAME)
            why = None if member in back else NO_CONNECTION if member in lost else "no answer in time"
            why = handed.lost.get(member, why)
            fence = Fence(label, why is None, "websocket", back.get(member, 0.0), why=why)
            if clock != SAME:
                compared = ClockCompared(0, clock.error_ns, page_offset_ns=clock.offset_ns)
                self._run.take(Fact(observers[member], n, at_ns, compared))
            self._run.take(Fact(observers[member], n + 1, at_ns, fence))
            self._run.take(Fact(observers[member], n + 2, at_ns, _tried("after", why)))
        for name, times_ms in times.items():
            self._hosts.show(name, times_ms)

    def close(self) -> None:
        """Hang up, and end what was started."""
        self._hosts.close()

    def _write(self, found: Told) -> None:
        for fact in found.facts:
            self._run.take(fact)
        self._run.take_many(found.sightings)


def took(seen: Sightings, first_ns: Mapping[str, int]) -> dict[str, list[float]]:
    """How long events took to their clients since they were first seen, in milliseconds, by their names."""
    found: dict[str, list[float]] = defaultdict(list)
    events = [each.event for each in seen.said]
    if first_ns:
        for place, at_ns in zip(seen.event, seen.at_ns, strict=True):
            if (since_ns := first_ns.get(events[place].key)) is not None:
                found[events[place].name].append(max(0, at_ns - since_ns) / 1e6)
    return found


def _tried(phase: str, why: str | None) -> TapTried:
    return TapTried("wire", (Hop.DELIVERED,), phase, why is None, why)
