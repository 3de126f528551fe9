"""When a process is ready, and that a stranger at its port is not taken for it."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from harness.launch.listeners import is_strangers
from harness.launch.processes import Child, NotStarted
from harness.launch.readiness import wait_ready
from harness.target.process import Command, Process, Ready

PATIENCE_S = 30.0

BINDS = """
import socket, sys
print("starting", flush=True)
server = socket.create_server(("127.0.0.1", int(sys.argv[1])))
print("listening", flush=True)
sys.stdin.read()
"""

HANDS_OVER = f"""
import subprocess, sys
subprocess.Popen([sys.executable, "-c", {BINDS!r}, sys.argv[1]], stdin=0).wait()
"""


def started(folder: Path, port: int, code: str = BINDS) -> Child:
    command = [sys.executable, "-c", code, str(port)]
    return Child("server", command, log=folder / "server.log", env=dict(os.environ), cwd=folder, stdin=True)


def process() -> Process:
    return Process("server", Command(("x",)), Ready(), port=None, serves=True)


def free() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


def test_a_stranger_at_the_port_is_not_taken_for_a_process_that_could_not_bind(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as stranger:
        port = int(stranger.getsockname()[1])
        with (
            started(tmp_path, port) as child,
            pytest.raises(NotStarted, match="another process answers at port") as told,
        ):
            wait_ready(process(), child, port, PATIENCE_S)
    assert "Address already in use" in str(told.value)


@pytest.mark.parametrize("code", [BINDS, HANDS_OVER], ids=["itself", "by a child"])
def test_a_process_that_listens_itself_or_by_its_children_is_ready(tmp_path: Path, code: str) -> None:
    port = free()
    with started(tmp_path, port, code) as child:
        assert wait_ready(process(), child, port, PATIENCE_S) == f"http://127.0.0.1:{port}"
        assert not is_strangers(port, child.pid)


def test_a_port_without_a_listener_is_free() -> None:
    assert not is_strangers(free(), os.getpid())


def test_a_listener_of_another_session_is_a_stranger() -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as mine,
        subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE, start_new_session=True) as other,
    ):
        assert is_strangers(int(mine.getsockname()[1]), other.pid)
        assert not is_strangers(int(mine.getsockname()[1]), os.getpid())
        other.communicate(b"\n")


@pytest.mark.parametrize("log", [None, "started"])
def test_a_process_without_a_port_is_ready_by_its_log_or_at_once(tmp_path: Path, log: str | None) -> None:
    worker = Process("worker", Command(("x",)), Ready(log), listens=False)
    command = [sys.executable, "-c", "print('started', flush=True); import time; time.sleep(600)"]
    with Child("worker", command, log=tmp_path / "worker.log") as child:
        assert wait_ready(worker, child, 0, 20) == ""


def test_one_that_ends_before_its_line_is_not_ready(tmp_path: Path) -> None:
    worker = Process("worker", Command(("x",)), Ready("started"), listens=False)
    with (
        Child("worker", [sys.executable, "-c", "print('no queue')"], log=tmp_path / "worker.log") as child,
        pytest.raises(NotStarted, match="no queue"),
    ):
        wait_ready(worker, child, 0, 20)
