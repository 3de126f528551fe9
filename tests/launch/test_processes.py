"""Children: ready, drained, stopped with their whole tree, and their log in every error."""

from __future__ import annotations

import io
import os
import signal
import sys
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.launch import output
from harness.launch.ends import stop_orphans, wait_for_pid
from harness.launch.output import CHUNK, lines
from harness.launch.processes import Child, NotStarted, TimedOut
from harness.lib import lifeline, watchdog
from harness.lib.ansi import printable

PYTHON = sys.executable
MEGABYTE = 1 << 20
NEXT = "print(1, flush=True); input()"


def child(folder: Path, code: str, **options: object) -> Child:
    return Child("child", [PYTHON, "-u", "-c", code], log=folder / "child.log", **options)  # type: ignore[arg-type]


def test_a_line_says_that_it_is_ready(tmp_path: Path) -> None:
    with child(tmp_path, "print('Listening on 5'); input()", stdin=True) as started:
        assert started.wait_line(r"on (?P<port>\d)", 10)["port"] == "5"
        assert started.status is None
    assert started.status is not None


def test_a_child_that_ends_before_it_is_ready_shows_its_log(tmp_path: Path) -> None:
    with child(tmp_path, "print('no such table'); raise SystemExit(3)") as started, pytest.raises(NotStarted) as raised:
        started.wait_line("ready", 10)
    assert "status 3" in str(raised.value)
    assert "no such table" in str(raised.value)


def test_a_line_that_never_comes_is_a_timeout_with_the_log(tmp_path: Path) -> None:
    with child(tmp_path, "print('working'); input()", stdin=True) as started:
        started.wait_line("working", 10)
        with pytest.raises(TimedOut, match="working"):
            started.wait_line("ready", 0.05)


def test_a_program_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(NotStarted, match="Is it installed"):
        Child("child", ["/no/such/program"], log=tmp_path / "log")


def test_stopping_ends_the_whole_tree(tmp_path: Path) -> None:
    grandchild = "import subprocess,sys; p = subprocess.Popen([sys.executable, '-c', 'input()']); print(p.pid); input()"
    with child(tmp_path, grandchild, stdin=True) as started:
        pid = int(started.wait_line(r"^(\d+)$", 10)[1])
        assert is_running(pid)
    assert not is_running(pid)


@pytest.mark.parametrize("end", [Child.stop, Child.kill])
def test_what_is_left_of_the_tree_has_ended_when_stopping_has(tmp_path: Path, end: Callable[[Child], object]) -> None:
    deaf = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN)"
    code = f"{deaf}; print('up', flush=True); x = b'x' * 10**8; input()"
    parent = (
        f"import os, subprocess, sys; p = subprocess.Popen([sys.executable, '-c', {code!r}]); print(p.pid); input()"
    )
    started = child(tmp_path, parent, stdin=True)
    pid = int(started.wait_line(r"^(\d+)$", 10)[1])
    started.wait_line("up", 10)
    end(started)
    was_running = is_running(pid)
    started.stop()
    assert not was_running, "a killed process ends when it next runs"


def test_one_that_ignores_sigterm_is_killed(tmp_path: Path) -> None:
    stubborn = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); signal.pause()"
    started = child(tmp_path, stubborn)
    started.wait_line("up", 10)
    started.stop(timeout_s=0.1)
    assert started.status == -signal.SIGKILL


def test_all_output_is_there_when_the_status_is(tmp_path: Path) -> None:
    lines: list[str] = []
    with child(tmp_path, "print('x' * 100_000); print('end')", on_line=lambda line, _: lines.append(line)) as started:
        assert started.wait(10) == 0
    assert [len(line) for line in lines] == [100_000, 3]


def test_errors_are_kept_apart_where_it_is_asked_for(tmp_path: Path) -> None:
    code = "import sys; print('out'); print('err', file=sys.stderr)"
    with child(tmp_path, code, errors=tmp_path / "child.err") as started:
        started.wait(10)
    assert ((tmp_path / "child.log").read_text(), (tmp_path / "child.err").read_text()) == ("out\n", "err\n")


WITH_A_CHILD = """
import subprocess, sys
alone = subprocess.Popen([sys.executable, '-c', 'import signal; signal.pause()'], start_new_session=True, env={})
print(alone.pid, flush=True)
input()
"""


@pytest.fixture
def held_by(monkeypatch: pytest.MonkeyPatch) -> None:
    """The name that owners go by here, or another worker's harness, which starts now, stops what is left first."""
    monkeypatch.setattr(lifeline, "OWNER", "HELD_BY")
    monkeypatch.setattr(watchdog, "NAME", b"HELD_BY=")


def claimed_by(owner: str, code: str) -> str:
    """A program that has been started by the process of that token, as its environment says."""
    return (
        f"import os, sys; os.environ['HELD_BY'] = {owner!r}; os.execv(sys.executable, [sys.executable, '-c', {code!r}])"
    )


@pytest.mark.usefixtures("held_by")
def test_what_a_dead_harness_left_is_found_and_stopped_with_its_children(tmp_path: Path) -> None:
    mine = child(tmp_path, "print('up'); input()", stdin=True, env={**os.environ})
    mine.wait_line("up", 10)
    assert mine.pid not in stop_orphans(), "its owner, this test, still runs"
    mine.stop()
    code = claimed_by(f"999999999:1:{lifeline.namespace()}:0", WITH_A_CHILD)
    with child(tmp_path, code, stdin=True) as orphan:
        alone = int(orphan.wait_line(r"^\d+$", 10)[0])
        assert {orphan.pid, alone} <= stop_orphans()
        assert orphan.wait(10) < 0
        assert wait_for_pid(alone, 10)


@pytest.mark.usefixtures("held_by")
def test_what_another_pid_namespace_started_is_left_alone(tmp_path: Path) -> None:
    with child(tmp_path, claimed_by("999999999:1:4026531000:0", NEXT), stdin=True) as other:
        other.wait_line("1", 10)
        assert other.pid not in stop_orphans()
        assert other.status is None


def test_a_line_that_can_t_be_taken_is_told_and_the_child_is_read_to_its_end(tmp_path: Path) -> None:
    taken: list[str] = []

    def take(line: str, _: int) -> None:
        taken.append(line)
        int(line)

    with child(tmp_path, "print('1\\n²\\n3')", on_line=take) as started:
        started.wait(10)
        assert taken == ["1", "²", "3"] and "ValueError" in (started.trouble or "")
    with child(tmp_path, "print('1')", on_line=take) as started:
        started.wait(10)
        assert started.trouble is None


def test_a_line_without_end_and_lines_without_number_take_a_bounded_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(output, "LONGEST_LINE", MEGABYTE)
    longest, count = 0, 0

    def take(line: str, _: int) -> None:
        nonlocal longest, count
        longest, count = max(longest, len(line)), count + 1

    code = (
        "import sys; w = sys.stdout.write; [w('x' * 10**6) for _ in range(20)]; w('\\n' + 'line of text\\n' * 30_000)"
    )
    tracemalloc.start()
    try:
        with child(tmp_path, code, on_line=take) as started:
            started.wait(60)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert count == 30_001 and longest <= MEGABYTE + CHUNK
    assert "longer than" in (started.trouble or "")
    assert peak < 8 * MEGABYTE, f"{peak:,} bytes"


@given(st.lists(st.binary(max_size=30) | st.just(b"\n"), max_size=20))
def test_lines_are_those_that_were_written(pieces: list[bytes]) -> None:
    whole = b"".join(pieces)
    read, write = os.pipe()
    with open(read, "rb") as output:
        os.write(write, whole)
        os.close(write)
        assert [line for line, _ in lines(output)] == whole.splitlines(keepends=True) or b"\r" in whole
    assert b"".join(line for line, _ in lines(io.BytesIO(whole))) == whole


def test_control_characters_of_a_log_stay_in_it() -> None:
    assert printable("\x1b[2Jred") == "\\x1b[2Jred"


def is_running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_a_coloured_line_of_readiness_is_found(tmp_path: Path) -> None:
    code = (
        r"print('  \x1b[32m➜\x1b[39m  \x1b[1mLocal\x1b[22m:   \x1b[36mhttp://localhost:\x1b[1m5173\x1b[22m/\x1b[39m')"
    )
    with Child("web", [sys.executable, "-c", code], log=tmp_path / "web.log") as child:
        assert child.wait_line(r"Local:\s+(?P<url>\S+)", 10)["url"] == "http://localhost:5173/"


def test_a_child_that_reads_nothing_is_told_of_and_one_that_reads_gets_it_all(tmp_path: Path) -> None:
    text = "x" * 1_000_000
    with (
        child(tmp_path, "import time; time.sleep(600)", stdin=True) as deaf,
        pytest.raises(TimedOut, match="read nothing"),
    ):
        deaf.write(text, 0.2)
    looks = iter(range(4))  # it is at work three times, and then no more
    with child(tmp_path, "import time; time.sleep(600)", stdin=True) as busy, pytest.raises(TimedOut):
        busy.write(text, 0.05, lambda: next(looks, 3))
    assert next(looks, None) is None
    with child(tmp_path, "import sys; print(len(sys.stdin.read()))", stdin=True) as reader:
        reader.write(text, 20)
        reader.close_input()
        assert reader.wait_line(r"^(?P<many>\d+)$", 20)["many"] == "1000000"
