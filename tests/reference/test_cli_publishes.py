"""The reference CLI with a server: every event is there once, in order, and the session ends as it should."""

from __future__ import annotations

import json
import signal
from pathlib import Path
from uuid import uuid4

import pytest

from tests.support.reference import Server, serving
from tests.support.shannon import (
    DOCUMENTED,
    TASK,
    Pipe,
    acknowledged,
    at,
    end_of,
    events_in,
    line,
    shannon,
)


@pytest.mark.parametrize("transport", ["websocket", "polling"])
def test_publishes_what_it_prints(server: Server, project: Path, transport: str) -> None:
    with server.dashboard() as dashboard:
        options = ("--dashboard", "--project-root", project, "--verbose", "--transport", transport)
        done = shannon("do", TASK, *options, *at(server), "--session-id", f"prints-{transport}")
        printed = [entry.split(" ", 2)[1:] for entry in done.stdout.splitlines() if entry.startswith("Event: ")]
        assert done.returncode == 0, done.stderr
        assert end_of(f"prints-{transport}", dashboard)["status"] == "completed"
        heard = [(kind, body) for kind, body in dashboard.events if kind in DOCUMENTED]
        assert [kind for kind, _ in heard] == DOCUMENTED
        assert [[kind, {name: body[name] for name in ("session", "seq", "data")}] for kind, body in heard] == [
            [kind, json.loads(body)] for kind, body in printed
        ]
    assert server.token_file.read_text().strip() not in done.stdout + done.stderr


def test_a_failed_task_is_a_failed_session(server: Server, project: Path) -> None:
    with server.dashboard() as dashboard:
        options = ("--dashboard", "--project-root", project, "--session-id", "failing")
        assert shannon("do", "be nice", *options, *at(server)).returncode == 1
        assert end_of("failing", dashboard)["status"] == "failed"
        assert [kind for kind, _ in dashboard.events][-2:] == ["execution:failed", "session:ended"]


@pytest.mark.parametrize(
    ("kinds", "status", "closed"),
    [
        ([], 0, "completed"),
        (["step:done"], 0, "completed"),
        (["step:done", "execution:completed"], 0, "completed"),
        (["step:done", "execution:failed"], 1, "failed"),
        (["execution:failed", "step:done"], 1, "failed"),
    ],
)
def test_pipe_ends_as_its_last_terminal_event_says(server: Server, kinds: list[str], status: int, closed: str) -> None:
    with server.dashboard() as dashboard:
        session = f"says-{uuid4().hex}"
        done = shannon("pipe", *at(server), "--session-id", session, text="\n".join(line(kind) for kind in kinds))
        assert done.returncode == status
        assert events_in(done.stdout) == kinds
        assert end_of(session, dashboard)["status"] == closed


@pytest.mark.parametrize(
    "bad",
    [
        b"{",
        b"[]",
        b"5",
        b'"step:done"',
        b"{}",
        b'{"type":5}',
        b'{"type":"Step"}',
        b'{"type":"a","data":[]}',
        b'{"type":"a","data":null}',
        b"\xff\xfe\xfd",
        b"[" * 100_000,
    ],
)
def test_a_bad_line_is_told_with_its_number(server: Server, bad: bytes) -> None:
    with server.dashboard() as dashboard:
        session, lines = f"bad-{uuid4().hex}", [line().encode(), bad + b"\n", line().encode()]
        options = ("--window", 10, "--session-id", session)
        done = shannon("pipe", *at(server), *options, text=b"\n".join(lines))
        assert done.returncode == 2
        assert "line 3 is not an event" in done.stderr
        assert events_in(done.stdout) == ["step:done"]
        assert end_of(session, dashboard) == {"session": session, "status": "failed", "seq": 1}


@pytest.mark.parametrize(
    ("bad", "code"),
    [
        ('{"type":"step:done","data":{"a":NaN}}', "bad-json"),
        ('{"type":"disconnect"}', "bad-request"),
        (line(text="x" * 1_000_000), "too-large"),
    ],
)
@pytest.mark.parametrize("window", [1, 10])
def test_what_the_server_does_not_take_ends_the_run(server: Server, window: int, bad: str, code: str) -> None:
    with server.dashboard() as dashboard:
        session = f"untaken-{uuid4().hex}"
        lines = line() + bad.strip() + "\n" + (line() if window == 1 else "")
        done = shannon("pipe", *at(server), "--window", window, "--session-id", session, text=lines)
        assert done.returncode == 6
        assert "event 2: " in done.stderr
        assert f"[{code}]" in done.stderr
        assert end_of(session, dashboard) == {"session": session, "status": "failed", "seq": 1}


def test_an_event_that_costs_the_connection_is_not_sent_for_ever(server: Server) -> None:
    done = shannon("pipe", *at(server), text=line(text="x" * 9_000_000))
    assert done.returncode == 3
    assert "lost the connection 5 times over event 1" in done.stderr


@pytest.mark.parametrize(("transport", "count"), [("websocket", 3_000), ("polling", 1_000)])
def test_a_burst_arrives_whole_and_in_order(tmp_path: Path, transport: str, count: int) -> None:
    with serving(tmp_path) as server, server.dashboard() as dashboard:
        lines = "".join(line(i=number) for number in range(1, count + 1))
        options = ("--window", count, "--transport", transport, "--session-id", "burst")
        done = shannon("pipe", *at(server), *options, text=lines)
        assert done.returncode == 0, done.stderr
        assert end_of("burst", dashboard)["seq"] == count
        assert dashboard.seqs("burst") == list(range(1, count + 1))
        assert [event["data"]["i"] for event in dashboard.named("step:done")] == list(range(1, count + 1))


def test_an_event_is_printed_before_it_is_sent(server: Server) -> None:
    with server.dashboard() as dashboard, Pipe(server, "printed-first") as pipe:
        pipe.report(line())
        acknowledged("printed-first", [1], dashboard)
        server.process.send_signal(signal.SIGSTOP)
        try:
            pipe.report(line())
            assert dashboard.seqs("printed-first") == [1]
        finally:
            server.process.send_signal(signal.SIGCONT)
        dashboard.read_until(lambda: dashboard.seqs("printed-first") == [1, 2])
        assert pipe.finish() == (0, "")
