"""Several processes of one entry of a target file: children and cluster workers number their records apart."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from harness.model import Event, Fact, Hop, Record, Sighting
from harness.model.facts import Connected, Disconnected
from harness.taps.agent import AgentHub
from harness.taps.seen_by import Place
from harness.taps.seen_by.agent import AgentTap, _Numbering
from tests.support.agents import Agent
from tests.support.node_programs import PATIENCE_S, program, run

CHILD = """
const { fork } = await import("node:child_process");
const emit = (who) => { for (const n of [1, 2, 3]) server.emit("told", { who, n }); };
if (process.argv[2] === "child") { emit("child"); finish(); }
else { emit("parent"); fork(process.argv[1], ["child"]).on("exit", () => { emit("parent again"); finish(); }); }
"""

CLUSTER = """
const { default: cluster } = await import("node:cluster");
const emit = (who) => { for (const n of [1, 2, 3]) server.emit("told", { who, n }); };
if (cluster.isWorker) { emit(process.env.WHO); finish(); cluster.worker.disconnect(); }
else {
  let left = 2;
  const over = () => { if (--left === 0) { emit("primary"); finish(); } };
  for (const WHO of ["one", "two"]) cluster.fork({ WHO }).on("exit", over);
}
"""


@pytest.mark.parametrize(
    ("source", "who"), [(CHILD, ("parent", "child", "parent again")), (CLUSTER, ("one", "two", "primary"))]
)
def test_each_sighting_has_a_number_of_its_own_in_the_order_of_time(
    tmp_path: Path, source: str, who: tuple[str, ...]
) -> None:
    written: list[Record] = []

    def told(name: str, args: object) -> Event:
        return Event(f"{args}", name, None, None, None)

    with AgentHub() as hub:
        place = Place("server", "observed", "s", tmp_path, told, told, written.append, hub, lambda: None)
        server = AgentTap().at_server(place)
        done = run(program("// then\n" + source), tmp_path, server.environment(os.environ))
        assert (done.returncode, done.stderr) == (0, "")
        assert hub.wait_ended("observed", PATIENCE_S) and hub.whole("observed")
    routed = [each for each in written if isinstance(each, Sighting) and each.hop is Hop.ROUTED]
    assert len(routed) == 3 * len(who)
    assert len({each.n for each in routed}) == len(routed)
    in_order = sorted(routed, key=lambda each: each.n)
    assert [each.at_ns for each in in_order] == sorted(each.at_ns for each in routed)
    assert f"'who': '{who[-1]}'" in in_order[-1].event.key


def test_one_process_keeps_its_numbers_and_two_never_share_one() -> None:
    numbering = _Numbering(is_shared=False)

    def numbers(*records: tuple[int, int]) -> list[int]:
        return [numbering.numbered({"n": n, "t": t})["n"] for n, t in records]

    assert numbers((1, 500), (2, 600), (3, 700)) == [1, 2, 3]
    assert numbers((1, 710), (4, 710), (2, 705), (5, 710)) == [710, 711, 705, 712]
    assert _Numbering(is_shared=True).numbered({"n": 1, "t": 500})["n"] == 500


def test_the_connections_of_one_of_several_processes_end_with_it(tmp_path: Path) -> None:
    """One that is killed says nothing, and its pages were members for ever: a contradiction in every record."""
    gone, is_told = list[Disconnected](), threading.Event()

    def write(record: Record) -> None:
        if isinstance(record, Fact) and isinstance(record.body, Disconnected):
            gone.append(record.body)
            if len(gone) == 2:
                is_told.set()

    with AgentHub() as hub:
        AgentTap().at_server(
            Place("server", "observed", "s", tmp_path, nothing, nothing, write, hub, lambda: None, True)
        )
        north, south = (Agent(hub, "observed", process=who, pid=pid) for who, pid in (("north", 7), ("south", 8)))
        thread = Agent(hub, "observed", process="south", pid=8, thread=1)
        for number, (agent, sid) in enumerate([(north, "n1"), (south, "s1"), (south, "s2")]):
            agent.say(k="hooks", hooks={})
            agent.say(k="connect", n=2 + number, sid=sid, role=None, origin=None, transport=None, ns="/")
        south.say(k="disconnect", n=9, sid="s2", reason="left", ns="/")
        thread.socket.close()  # one of its worker threads ends, and it goes on
        after = Agent(hub, "after")  # who connects now is read after that
        assert hub.wait_for("after", PATIENCE_S) and {each.sid for each in gone} <= {"s2"}
        after.socket.close()
        south.socket.close()
        north.say(k="connect", n=3, sid="s1 again", role=None, origin=None, transport=None, ns="/")
        assert is_told.wait(PATIENCE_S)
        north.socket.close()
        assert hub.wait_ended("observed", PATIENCE_S)
    assert gone == [Disconnected("s2", "left", "/"), Disconnected("s1", "its process ended", "/")]
    # the last one of all ends with its server, which the record tells of otherwise


def test_the_connections_of_a_process_end_with_it_where_another_comes_in_its_place(tmp_path: Path) -> None:
    """Under a supervisor. Its pages were members for ever, and what the new process had was lost for them."""
    told, is_back = list[Connected | Disconnected](), threading.Event()

    def write(record: Record) -> None:
        if isinstance(record, Fact) and isinstance(record.body, Connected | Disconnected):
            told.append(record.body)
            if record.body.sid == "b":
                is_back.set()

    with AgentHub() as hub:
        AgentTap().at_server(
            Place("server", "observed", "s", tmp_path, nothing, nothing, write, hub, lambda: None, False)
        )
        supervisor = Agent(hub, "observed", process="server", pid=1)
        for number, sid in enumerate("ab"):
            child = Agent(hub, "observed", process="server", pid=2 + number)
            child.say(k="hooks", hooks={})
            child.say(k="connect", n=2, sid=sid, role=None, origin=None, transport=None, ns="/")
            if sid == "a":
                child.socket.close()  # read before anything of a process that connects later
        assert is_back.wait(PATIENCE_S)
        child.socket.close()
        supervisor.socket.close()
        assert hub.wait_ended("observed", PATIENCE_S)
    assert [(type(each), each.sid) for each in told] == [(Connected, "a"), (Disconnected, "a"), (Connected, "b")]
    # and no end of the last: it ended with its server


def nothing(name: str, args: object) -> None:
    """No message is an event."""
