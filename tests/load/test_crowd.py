"""What a crowd writes into the ledger at the end: once, on the harness's clock, and why it has nothing of some."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from harness.load.behaviour import Behaviour
from harness.load.clocks import Compared
from harness.load.crowd import Crowd
from harness.load.hosts import Handed, Kept, Member
from harness.load.log import Log, Way
from harness.load.under_locust import elsewhere, handed
from harness.model import AnyFact, Fact
from harness.model.facts import ClockCompared, Fence, TapTried
from harness.record.identity import Envelope
from harness.record.many import Sightings
from harness.run.recording import Recording

STEP = '2["step",{"type":"step","session":"s","seq":1,"data":{}}]'
BEHAVIOUR = Behaviour("ws://127.0.0.1:1/socket.io/?EIO=4&transport=websocket", {}, ("0",))


class Hosts:
    """Two clients on another machine, whose clock is a second behind; the worker of the second is lost."""

    pids = ()

    def __init__(self, folder: Path) -> None:
        self._path, self.shown = folder / "0.columns", list[tuple[str, Sequence[float]]]()

    def open(self, behaviours: Sequence[Behaviour], members: Sequence[Member], timeout_s: float) -> int:
        return len(members)

    def fence(self) -> None:
        pass

    def hand_in(self) -> Handed:
        log = Log(fences={0: 2.5})
        log.note(0, Way.GOT, STEP, 5_000_000)
        log.write(self._path)
        return Handed([Kept(self._path, Compared(1_000_000_000, 700))], {1: "its worker is lost"})

    def show(self, name: str, times_ms: Sequence[float]) -> None:
        self.shown.append((name, times_ms))

    def close(self) -> None:
        pass


class Run:
    """As much of a run as a crowd needs."""

    def __init__(self, folder: Path) -> None:
        children = SimpleNamespace(pid=lambda name: 1)
        target = SimpleNamespace(egress=Envelope(), servers=())
        self.stack = SimpleNamespace(folder=folder, target=target, children=children)
        self.first_ns = {"s/1": 1_002_000_000}
        self.taken, self.many = list[Any](), list[Sightings]()

    def take(self, record: Any) -> None:
        self.taken.append(record)

    def take_many(self, sightings: Sightings) -> None:
        self.many.append(sightings)

    def tell(self, body: Any) -> None:
        pass


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return Run(tmp_path)


def concluded(run: Run) -> Hosts:
    made: list[Hosts] = []

    def make(folder: Path) -> Hosts:
        made.append(Hosts(folder))
        return made[-1]

    crowd = Crowd(cast("Recording", run), ["L1", "L2"], make)
    assert crowd.open([BEHAVIOUR], ["s"], 5) == 2
    crowd.conclude()
    crowd.conclude()  # as a run does that breaks off in the middle of its end
    return made[-1]


def facts(run: Run, observer: str) -> list[AnyFact]:
    return [each for each in run.taken if isinstance(each, Fact) and each.observer == observer]


def test_times_are_moved_to_the_harness_clock_and_its_error_is_on_record(run: Run) -> None:
    concluded(run)
    (sightings,) = run.many
    assert [each.at_ns for each in sightings] == [1_005_000_000]
    clocks = [each.body for each in facts(run, "dashboard:L1.1") if isinstance(each.body, ClockCompared)]
    assert clocks == [ClockCompared(0, 0), ClockCompared(0, 700, page_offset_ns=1_000_000_000)]


def test_a_crowd_that_is_concluded_again_tells_nothing_twice(run: Run) -> None:
    concluded(run)
    assert len(run.many) == 1
    assert [each.body.kind for each in facts(run, "dashboard:L1.1")].count(Fence.kind) == 1


def test_a_client_whose_worker_is_lost_is_not_alive_and_says_why(run: Run) -> None:
    concluded(run)
    bodies = [each.body for each in facts(run, "dashboard:L2.1")]
    fence = next(each for each in bodies if isinstance(each, Fence))
    tried = [each for each in bodies if isinstance(each, TapTried)]
    assert (fence.back, fence.why) == (False, "its worker is lost")
    assert [(each.phase, each.alive, each.why) for each in tried] == [
        ("before", True, None),
        ("after", False, "its worker is lost"),
    ]


def test_the_hosts_hear_how_long_events_took_since_they_were_first_seen(run: Run) -> None:
    assert concluded(run).shown == [("step", [3.0])]


def test_the_dashboards_of_a_lost_worker_have_its_reason() -> None:
    ledger = {"worker": "w-1", "path": "/tmp/0.columns", "offset_ns": 5, "error_ns": 2}
    found = handed({"ledgers": [ledger], "homes": {"w-1": [0, 2], "w-2": [1, 3]}, "lost": {"w-2": "it ended"}})
    assert found.logs == [Kept(Path("/tmp/0.columns"), Compared(5, 2))]
    assert found.lost == dict.fromkeys((1, 3), "Locust's worker w-2 is lost: it ended")


def test_workers_of_other_machines_reach_loopback_by_another_name_and_call_it_as_the_page_does() -> None:
    moved = elsewhere(BEHAVIOUR, "10.0.0.1")
    assert (moved.url, moved.reach) == (BEHAVIOUR.url, "10.0.0.1")
    there = Behaviour("wss://desk.example/socket.io/?EIO=4", {}, ("0",))
    assert elsewhere(there, "10.0.0.1") == there and elsewhere(BEHAVIOUR, None) == BEHAVIOUR
    assert Behaviour.of(moved.to_json()) == moved
