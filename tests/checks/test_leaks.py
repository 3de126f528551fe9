"""The watch that every session of these tests stands under: it sees what is left, and nothing where nothing is."""

from __future__ import annotations

import contextlib
import os
import select
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from tests.support.leaks import MARK, PROC, marked, watch

needs_proc = pytest.mark.skipif(
    not (PROC / "self" / "environ").exists(), reason="processes and ports are found in /proc"
)

WAITS = "import sys; sys.stdin.read()"

Begin: TypeAlias = Callable[[], tuple[int, Callable[[], None]]]
"""Starts a process; gives its number and what lets it end."""


def at_once() -> float:
    """A deadline that lets nothing end first."""
    return time.monotonic()


def test_nothing_left_is_nothing_found() -> None:
    with watch() as watched:
        with tempfile.TemporaryDirectory() as folder, socket.create_server(("127.0.0.1", 0)):
            subprocess.run([sys.executable, "-c", ""], check=True, cwd=folder)
        thread = threading.Thread(target=int)
        thread.start()
        thread.join()
        assert watched.left(at_once()) == []


@needs_proc
def test_a_running_process_is_found_and_one_that_ends_in_time_is_not() -> None:
    with watch() as watched:
        child = subprocess.Popen([sys.executable, "-c", WAITS], stdin=subprocess.PIPE)
        try:
            (left,) = watched.left(at_once())
            assert left.startswith(f"process {child.pid}: ")
            assert WAITS in left
        finally:
            child.communicate()
        assert watched.left(at_once()) == []


@pytest.fixture
def grandchild() -> Iterator[Begin]:
    """Starts processes whose parent is gone."""
    start = f"Popen([sys.executable, '-c', {WAITS!r}], stdout=DEVNULL, stderr=DEVNULL)"
    orphan = f"import sys; from subprocess import *; print({start}.pid)"
    with contextlib.ExitStack() as opened:

        def begin() -> tuple[int, Callable[[], None]]:
            read, write = os.pipe()
            end = opened.enter_context(os.fdopen(write, "wb"))
            done = subprocess.run(
                [sys.executable, "-c", orphan], stdin=read, capture_output=True, text=True, check=True
            )
            os.close(read)
            return int(done.stdout), end.close

        yield begin


@needs_proc
def test_a_grandchild_whose_parent_is_gone_is_found(
    grandchild: Begin,
) -> None:
    with watch() as watched:
        pid, _ = grandchild()
        (left,) = watched.left(at_once())
        assert left.startswith(f"process {pid}: ")


@needs_proc
def test_what_is_ending_may_do_so_until_the_deadline(grandchild: Begin, monkeypatch: pytest.MonkeyPatch) -> None:
    with watch() as watched:
        pid, end = grandchild()
        assert marked(watched.mark) == [pid]
        waited = select.select

        def ends_while_waited_for(*arguments: Any) -> Any:
            end()
            return waited(*arguments)

        monkeypatch.setattr(select, "select", ends_while_waited_for)
        assert watched.left(time.monotonic() + 20) == []


@needs_proc
def test_an_unreaped_child_is_found() -> None:
    with watch() as watched:
        child = subprocess.Popen([sys.executable, "-c", ""])
        os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
        assert [line.partition(":")[0] for line in watched.left(at_once())] == [f"process {child.pid}"]
        child.wait()
        assert watched.left(at_once()) == []


@needs_proc
def test_a_listening_port_is_found() -> None:
    with watch() as watched:
        with socket.create_server(("127.0.0.1", 0)) as server:
            assert watched.left(at_once()) == [f"port {server.getsockname()[1]}"]
        assert watched.left(at_once()) == []


def test_a_running_thread_is_found() -> None:
    ended = threading.Event()
    with watch() as watched:
        thread = threading.Thread(target=ended.wait, name="a reader")
        thread.start()
        try:
            assert watched.left(at_once()) == ["thread a reader"]
        finally:
            ended.set()
            thread.join()


def test_a_folder_is_found_wherever_it_was_made(tmp_path: Path) -> None:
    with watch() as watched:
        here, there = Path(tempfile.mkdtemp()), Path(tempfile.mkdtemp(dir=tmp_path))
        assert sorted(watched.left(at_once())) == sorted([f"folder {here}", f"folder {there}"])
        there.rmdir()
        assert watched.left(at_once()) == [f"folder {here}"]
    assert not here.exists()


def test_a_file_of_a_child_is_found() -> None:
    with watch() as watched:
        made = subprocess.run(
            [sys.executable, "-c", "import tempfile; print(tempfile.mkstemp()[1])"],
            capture_output=True,
            text=True,
            check=True,
        )
        assert watched.left(at_once()) == [f"folder {made.stdout.strip()}"]


def test_the_environment_is_as_it_was_afterwards() -> None:
    before = (dict(os.environ), tempfile.gettempdir(), tempfile.mkdtemp)
    with watch() as watched:
        assert os.environ[MARK] == watched.mark
    assert (dict(os.environ), tempfile.gettempdir(), tempfile.mkdtemp) == before


def test_a_session_that_leaves_a_thread_fails(pytester: pytest.Pytester) -> None:
    pytester.makeconftest(
        """
        from tests.support import leaks

        leaks.ENDS_S = 0.0
        nothing_is_left = leaks.nothing_is_left
        """
    )
    pytester.makepyfile(
        """
        import threading

        def test_leaves_a_thread():
            threading.Thread(target=threading.Event().wait, name="forgotten", daemon=True).start()
        """
    )
    result = pytester.runpytest_subprocess("-p", "no:xdist", "-p", "no:harness")
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(["*the tests left behind:", "*thread forgotten"])
