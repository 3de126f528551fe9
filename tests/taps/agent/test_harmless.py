"""The agent never changes what a process does: same output, same status, whatever happens to the harness."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from harness.taps.agent import AgentHub, Translator, environment

PATIENCE_S = 20.0

PLAIN = """
import os, signal, sys, threading
print(sys.argv[1:], sys.path, sorted(name for name in sys.modules if "thread" in name), sys.stdin.read())
print("to the errors", file=sys.stderr)
print(threading.enumerate()[1:], os.getcwd())
raise KeyError("the end")
"""

FAILURES = """
import asyncio, sys, threading, traceback
import socketio
print(sys.path, len(threading.enumerate()), socketio.AsyncServer.__module__)

async def main():
    sio = socketio.AsyncServer(async_mode="asgi")
    sio.on("boom", boom)
    sio.on("connect", lambda sid, environ: None)
    async def drop(*args, **kwargs):
        pass
    sio.eio.send = sio.eio.send_packet = drop
    sio.eio.transport = lambda eio_sid: "websocket"
    await sio._handle_eio_connect("E", {})
    await sio._handle_eio_message("E", "0{}")
    await sio._handle_eio_message("E", '2["boom",{"a":1}]')
    for _ in range(20):
        await asyncio.sleep(0)
    sio.async_handlers = False
    try:
        await sio._handle_eio_message("E", '2["boom",{"a":1}]')
    except ValueError:
        traceback.print_exc()
    try:
        await sio.emit("x", object(), to=next(iter(sio.manager.rooms["/"])))
    except TypeError:
        traceback.print_exc()
    try:
        await sio.emit("too", "many", "arguments", "for", "it", "to", "take", "them", "all")
    except TypeError:
        traceback.print_exc()

async def boom(sid, data):
    raise ValueError(data)

asyncio.run(main())
sync = socketio.Server(async_mode="threading")
sync.on("boom", lambda sid, data: 1 / 0)
try:
    sync._trigger_event("boom", "/", "sid", {})
except ZeroDivisionError:
    traceback.print_exc()
try:
    socketio.Client().emit("x")
except socketio.exceptions.BadNamespaceError:
    traceback.print_exc()
sys.exit(7)
"""


@pytest.fixture
def hub() -> Iterator[AgentHub]:
    with AgentHub() as hub:
        yield hub


def run(source: str, env: Mapping[str, str], folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a program from a file, so that its tracebacks are the same each time."""
    (folder / "program.py").write_text(source)
    return subprocess.run(
        [sys.executable, "program.py", "argument"],
        cwd=folder,
        env=dict(env),
        input="typed",
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def outcome(done: subprocess.CompletedProcess[str]) -> tuple[int, str, str]:
    return done.returncode, done.stdout, done.stderr


@pytest.mark.parametrize("source", [PLAIN, FAILURES], ids=["plain", "failures"])
def test_output_and_status_are_the_same_with_and_without(hub: AgentHub, tmp_path: Path, source: str) -> None:
    without = run(source, os.environ, tmp_path)
    observed = run(source, environment(hub.path, "cli:x", "client", os.environ), tmp_path)
    assert outcome(observed) == outcome(without)
    assert hub.wait_ended("cli:x", PATIENCE_S), "the agent was not there"
    assert without.returncode in (1, 7) and "Error" in without.stderr


@pytest.mark.parametrize("path", ["/nowhere/at/all", "", "x" * 300])
def test_a_socket_that_nobody_listens_at_is_no_trouble(tmp_path: Path, path: str) -> None:
    without = run(PLAIN, os.environ, tmp_path)
    assert outcome(run(PLAIN, environment(path, "cli:x", "client", os.environ), tmp_path)) == outcome(without)


NEXT = """
import sys
print("the next one", sys.modules["sitecustomize"].__file__)
{more}
"""


@pytest.mark.parametrize("more", ["", "import nothing_of_that_name", "raise ValueError('broken')"])
def test_another_sitecustomize_runs_as_ever(hub: AgentHub, tmp_path: Path, more: str) -> None:
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "sitecustomize.py").write_text(NEXT.format(more=more))
    program = "import sys; print(sys.path, 'sitecustomize' in sys.modules)"
    before = {**os.environ, "PYTHONPATH": str(tmp_path / "site")}
    without = run(program, before, tmp_path)
    observed = run(program, environment(hub.path, "cli:x", "client", before), tmp_path)
    assert without.stdout.startswith("the next one")
    assert outcome(observed) == outcome(without)
    assert hub.wait_ended("cli:x", PATIENCE_S), "the agent was not there"


def test_a_sitecustomize_that_imports_the_library_first_is_observed_too(hub: AgentHub, tmp_path: Path) -> None:
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "sitecustomize.py").write_text("import socketio")
    records: list[dict[str, Any]] = []
    hub.on("cli:x", lambda _, record: records.append(record))
    env = environment(hub.path, "cli:x", "client", {**os.environ, "PYTHONPATH": str(tmp_path / "site")})
    assert run(SERVES_NOBODY, env, tmp_path).returncode == 0
    assert hub.wait_ended("cli:x", PATIENCE_S)
    assert [record["k"] for record in records] == ["hello", "hooks", "route", "bye"]


def observe(hub: AgentHub, name: str, source: str, folder: Path, status: int = 0) -> list[dict[str, Any]]:
    """Run a program with the agent to its end; its records."""
    records: list[dict[str, Any]] = []
    hub.on(name, lambda _, record: records.append(record))
    done = run(source, environment(hub.path, name, "client", os.environ), folder)
    assert done.returncode == status, done.stderr
    assert hub.wait_ended(name, PATIENCE_S)
    return records


SERVES_NOBODY = """
import os, signal, socketio
server = socketio.Server(async_mode="threading")

def report(number):
    server.emit("publish", {"number": number}, room="s")

report(1)
"""


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


def test_an_emit_on_a_server_that_serves_nobody(hub: AgentHub, tmp_path: Path) -> None:
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


def test_the_harness_may_go_away(tmp_path: Path) -> None:
    """Even from a program for which a closed pipe is the end: records are dropped, the program goes on."""
    source = SERVES_NOBODY + (
        "\nimport select, sys\nsignal.signal(signal.SIGPIPE, signal.SIG_DFL)\n"
        "while not select.select([sys.stdin], [], [], 0)[0]:\n    report(2)\nprint('done')"
    )
    emitting = threading.Event()
    with AgentHub() as hub:
        hub.on("cli:x", lambda _, record: emitting.set() if record["n"] > 100 else None)
        process = subprocess.Popen(
            [sys.executable, "-c", source],
            env=environment(hub.path, "cli:x", "client", os.environ),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert emitting.wait(PATIENCE_S)
    assert process.communicate("\n", timeout=PATIENCE_S) == ("done\n", "")
    assert process.returncode == 0


def test_a_harness_that_is_behind_gets_everything_in_the_end(hub: AgentHub, tmp_path: Path) -> None:
    """The program emits much more than the kernel holds while nobody reads."""
    held, hold = threading.Event(), threading.Event()
    records: list[dict[str, Any]] = []

    def receive(_: str, record: dict[str, Any]) -> None:
        if record["k"] == "route" and not held.is_set():
            held.set()
            hold.wait(PATIENCE_S)
        records.append(record)

    hub.on("cli:x", receive)
    source = (
        SERVES_NOBODY.replace('"s")', '"s" * 5000)')
        + "\nfor number in range(2, 2000):\n    report(number)\nprint(1, flush=True)"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", source],
        env=environment(hub.path, "cli:x", "client", os.environ),
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None and process.stdout.readline() == "1\n", "the program waited for the harness"
    assert held.wait(PATIENCE_S)
    hold.set()
    process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 0 and hub.wait_ended("cli:x", PATIENCE_S)
    numbers = [record["args"][0]["number"] for record in records if record["k"] == "route"]
    assert numbers == list(range(1, 2000))


def test_a_signal_handler_may_emit_while_an_emit_is_recorded(hub: AgentHub, tmp_path: Path) -> None:
    source = SERVES_NOBODY + (
        "\nsignal.signal(signal.SIGALRM, lambda *args: report(-1))\n"
        "signal.setitimer(signal.ITIMER_REAL, 0.001, 0.0005)\n"
        "for number in range(3000):\n    report(number)\nsignal.setitimer(signal.ITIMER_REAL, 0)"
    )
    records = observe(hub, "cli:x", source, tmp_path)
    numbers = [record["args"][0]["number"] for record in records if record["k"] == "route"]
    assert [number for number in numbers if number >= 0][1:] == list(range(3000)) and -1 in numbers
    assert sorted(record["n"] for record in records) == list(range(1, len(records) + 1))
    assert not [record for record in records if record["k"] == "agent_error"]


def test_a_harness_that_takes_nothing_holds_a_process_up_for_a_moment_only(tmp_path: Path) -> None:
    """The listener accepts no connection and reads nothing; the records are lost, and the process isn't."""
    with tempfile.TemporaryDirectory(dir="/tmp") as folder, socket.socket(socket.AF_UNIX) as listener:
        listener.bind(f"{folder}/agents")
        listener.listen()
        source = SERVES_NOBODY.replace('"s")', '"s" * 5000)') + "\nfor number in range(300):\n    report(number)"
        process = environment(f"{folder}/agents", "cli:x", "client", os.environ)
        done = run(f"{source}\nimport time\nprint(time.monotonic(), flush=True)", process, tmp_path)
        assert (done.returncode, done.stderr) == (0, "")
        assert time.monotonic() - float(done.stdout) < 10


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


def test_a_process_without_socketio_has_nothing_to_tell(hub: AgentHub, tmp_path: Path) -> None:
    observe(hub, "cli:x", "print(1)", tmp_path)
    assert hub.whole("cli:x")


def test_a_goodbye_that_came_alone_is_not_whole(hub: AgentHub) -> None:
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(hub.path)
        for number, kind in ((1, "hello"), (2, "hooks"), (9, "bye")):
            connection.sendall(json.dumps({"k": kind, "n": number, "t": 1, "name": "cli:x"}).encode() + b"\n")
    assert hub.wait_ended("cli:x", PATIENCE_S)
    assert not hub.whole("cli:x")


def test_a_process_that_is_told_to_end_ends(hub: AgentHub, tmp_path: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", f"{SERVES_NOBODY}\nprint(1, flush=True)\ninput()"],
        env=environment(hub.path, "cli:x", "client", os.environ),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None and process.stdout.readline() == "1\n"
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=PATIENCE_S)
    assert process.returncode == -15
