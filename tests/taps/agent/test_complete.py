"""The agent tells all that a process did, up to its end, whatever that is; and what is still at work."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import pytest

from harness.taps.agent import AgentHub, RawRecord, Translator, environment
from tests.support.agent_programs import PATIENCE_S, SERVES_NOBODY, observe

SENDS_WHILE_IT_RESOLVES = """
import pathlib, socketio, time
server = socketio.Server(async_mode="threading")

def send(*packet):
    sent.append(time.monotonic_ns())

sent, server._send_eio_packet = [], send
server.manager.basic_enter_room("one", "/", "room", "E1")
server.manager.basic_enter_room("other", "/", "room", "E2")
server.emit("told", {}, room="room")
pathlib.Path("sent").write_text(str(sent[0]))
"""


def test_an_emit_is_routed_when_it_begins_however_long_its_sends_take(hub: AgentHub, tmp_path: Path) -> None:
    """A threaded server sends to one recipient before it resolves the next: a send that is held makes no event late."""
    records = observe(hub, "cli:x", SENDS_WHILE_IT_RESOLVES, tmp_path)
    route = next(record for record in records if record["k"] == "route")
    assert route["recipients"] == ["one", "other"]
    assert route["t"] <= int((tmp_path / "sent").read_text())


HANGS = """
import socketio
server = socketio.Server(async_mode="threading")
server.manager.basic_enter_room("one", "/", "room", "E1")
server._send_eio_packet = lambda *packet: input()
server.emit("told", {}, room="room")
input()
"""


def test_an_emit_that_has_not_returned_is_in_flight(hub: AgentHub, tmp_path: Path) -> None:
    """A worker's, too: what it was to emit next has not come as far."""
    env = environment(hub.path, "server", "server", os.environ)
    with subprocess.Popen([sys.executable, "-c", HANGS], env=env, cwd=tmp_path, stdin=subprocess.PIPE) as process:
        assert process.stdin is not None
        try:
            assert in_flight(hub, 1) == 1
            process.stdin.write(b"\n")
            process.stdin.flush()
            assert in_flight(hub, 0) == 0
            process.stdin.write(b"\n")
            process.stdin.flush()
        finally:
            process.stdin.close()
    assert process.returncode == 0


def in_flight(hub: AgentHub, wanted: int) -> int | None:
    """What the server says is in flight, when it says so many, or at the deadline."""
    deadline = time.monotonic() + PATIENCE_S
    while (told := hub.sync("server", PATIENCE_S)) is None or told.in_flight != wanted:
        if time.monotonic() > deadline:
            break
    return None if told is None else told.in_flight


KEEPS = """
import asyncio, sys
import socketio

async def work():
    raise KeyError("who")

async def main():
    global kept
    kept = asyncio.create_task(work())
    await asyncio.sleep(0)  # it fails
    await asyncio.sleep(0)  # and its end is told to whoever wants to know
    print("failed", flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)

asyncio.run(main())
"""


def test_a_kept_worker_that_no_handler_started_is_told_when_it_failed(hub: AgentHub, tmp_path: Path) -> None:
    """asyncio is silent about it for as long as something refers to it: it is told when the harness asks."""
    records: list[RawRecord] = []
    hub.on("server", lambda _, record: records.append(record))
    env = environment(hub.path, "server", "server", os.environ)
    (tmp_path / "keeps.py").write_text(KEEPS)
    start = partial(subprocess.Popen, env=env, cwd=tmp_path, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    with start([sys.executable, "keeps.py"]) as process:
        assert process.stdout is not None and process.stdin is not None
        try:
            assert process.stdout.readline() == "failed\n"
            assert hub.sync("server", PATIENCE_S) is not None
            raised = [(each["in"], each["error"], each["where"]) for each in records if each["k"] == "raised"]
            assert raised == [("task", "KeyError: 'who'", "keeps.py:6 work")]
        finally:
            process.stdin.close()


def test_an_emit_on_a_server_without_clients(hub: AgentHub, tmp_path: Path) -> None:
    records = observe(hub, "cli:x", SERVES_NOBODY, tmp_path)
    route = next(record for record in records if record["k"] == "route")
    assert (route["served"], route["recipients"], route["where"]) == (False, [], "program.py:6 report")
    translator = Translator("cli:x", "client", lambda event, args: None, lambda event, args: None)
    (fact,) = translator(route)
    assert fact.kind == "unserved-emit"  # type: ignore[union-attr]
    assert fact.body.where == "program.py:6 report"  # type: ignore[union-attr]


@pytest.mark.parametrize("end", ["os.kill(os.getpid(), signal.SIGKILL)", "os._exit(3)", "signal.raise_signal(15)"])
def test_the_last_record_survives_every_end(hub: AgentHub, tmp_path: Path, end: str) -> None:
    status = {"os.k": -9, "os._": 3, "sign": -15}[end[:4]]
    records = observe(hub, "cli:x", f"{SERVES_NOBODY}\n{end}", tmp_path, status)
    assert [record["args"] for record in records if record["k"] == "route"] == [[{"number": 1}]]


UNDER_A_LOOP = """
import asyncio, os, socketio
async def main():
    server = socketio.AsyncServer(async_mode="asgi")
    for number in range(500):
        await server.emit("publish", dict(number=number, filling="x" * 1000))
    {end}
asyncio.run(main())
"""


@pytest.mark.parametrize("end", ["", "os._exit(0)"])
def test_nothing_that_waits_in_the_loop_is_lost_at_the_end(hub: AgentHub, tmp_path: Path, end: str) -> None:
    records = observe(hub, "cli:x", UNDER_A_LOOP.format(end=end), tmp_path)
    assert [record["args"][0]["number"] for record in records if record["k"] == "route"] == list(range(500))


def test_a_forked_child_reports_for_itself(hub: AgentHub, tmp_path: Path) -> None:
    child = "\npid = os.fork()\nif not pid:\n    report(2)\n    os._exit(0)\nos.waitpid(pid, 0)\nreport(3)"
    records = observe(hub, "cli:x", SERVES_NOBODY + child, tmp_path)
    hellos = [record for record in records if record["k"] == "hello"]
    assert len({record["pid"] for record in hellos}) == 2
    routes = [(record["n"], record["args"][0]["number"]) for record in records if record["k"] == "route"]
    assert sorted(routes) == [(3, 1), (3, 2), (4, 3)]


def test_a_forked_child_does_not_keep_its_parents_connection(hub: AgentHub, tmp_path: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", f"{SERVES_NOBODY}\nif not os.fork():\n    input()\n    os._exit(0)"],
        env=environment(hub.path, "cli:x", "client", os.environ),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert process.wait(PATIENCE_S) == 0
    assert hub.wait_ended("cli:x", PATIENCE_S), "the child is still there, and its parent's end wasn't seen"
    process.communicate(b"\n", timeout=PATIENCE_S)


@pytest.mark.parametrize(
    ("end", "status", "is_whole"),
    [
        ("", 0, True),
        ("raise SystemExit(3)", 3, True),
        ("os._exit(0)", 0, True),
        ("signal.raise_signal(signal.SIGTERM)", -15, True),
        ("os.kill(os.getpid(), signal.SIGKILL)", -9, False),
    ],
)
def test_who_says_goodbye_has_told_all(hub: AgentHub, tmp_path: Path, end: str, status: int, is_whole: bool) -> None:
    records = observe(hub, "cli:x", SERVES_NOBODY + "\n" + end, tmp_path, status=status)
    assert hub.whole("cli:x") is is_whole
    assert ("bye" in [record["k"] for record in records]) is is_whole


def test_a_goodbye_that_came_alone_is_not_whole(hub: AgentHub) -> None:
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(hub.path)
        for number, kind in ((1, "hello"), (2, "hooks"), (9, "bye")):
            connection.sendall(json.dumps({"k": kind, "n": number, "t": 1, "name": "cli:x"}).encode() + b"\n")
    assert hub.wait_ended("cli:x", PATIENCE_S)
    assert not hub.whole("cli:x")
