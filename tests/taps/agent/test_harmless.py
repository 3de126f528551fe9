"""The agent never changes what a process does: same output, same status, whatever happens to the harness."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from harness.taps.agent import AgentHub, environment
from tests.support.agent_programs import PATIENCE_S, SERVES_NOBODY, observe, run

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
def test_a_socket_without_a_listener_does_not_disturb_the_program(tmp_path: Path, path: str) -> None:
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


def test_a_slow_harness_gets_everything_in_the_end(hub: AgentHub, tmp_path: Path) -> None:
    """The program emits much more than the kernel holds while nothing reads."""
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
        shorter = "from _harness_agent import install\nprint(install.PATIENCE_S)\ninstall.PATIENCE_S = 0.5"
        done = run(f"{source}\n{shorter}\nimport time\nprint(time.monotonic(), flush=True)", process, tmp_path)
        took_s = time.monotonic() - float(done.stdout.split()[1])
        assert (done.returncode, done.stderr) == (0, "")
        assert float(done.stdout.split()[0]) <= 10, "the moment that it is otherwise"
        assert 0.5 <= took_s < 10


def test_a_process_without_socketio_has_nothing_to_tell(hub: AgentHub, tmp_path: Path) -> None:
    observe(hub, "cli:x", "print(1)", tmp_path)
    assert hub.whole("cli:x")


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
