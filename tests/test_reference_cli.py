"""The reference CLI: what it does, prints and exits with, and that every event is there once, whatever happens."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from fixtures.cli.skills import NAMED
from fixtures.optional import without
from tests.support.reference import PATIENCE_S, ROOT, Client, Relay, Server, serving

TASK = "create hello.py with a simple greeting function"
SKILL = ["skill:started", "skill:completed"]
DOCUMENTED = [
    *("execution:started", "checkpoint:created", *SKILL, *SKILL, "checkpoint:created", *SKILL, "execution:completed")
]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving(tmp_path_factory.mktemp("server"), "broadcast", "--lease-s", "0.3") as running:
        yield running


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    folder.mkdir()
    return folder


def argv(*arguments: object) -> list[str]:
    return [sys.executable, "-m", "fixtures.cli", *map(str, arguments)]


def shannon(*arguments: object, text: str | bytes = "", **env: str) -> subprocess.CompletedProcess[str]:
    """Run to the end."""
    piped = text.encode() if isinstance(text, str) else text
    found = {name: value for name, value in os.environ.items() if name != "SHANNON_TOKEN_FILE"} | env
    done = subprocess.run(
        argv(*arguments), cwd=ROOT, input=piped, capture_output=True, timeout=PATIENCE_S, check=False, env=found
    )
    assert b"Traceback" not in done.stderr, done.stderr.decode()
    return subprocess.CompletedProcess(done.args, done.returncode, done.stdout.decode(), done.stderr.decode())


def at(server: Server) -> tuple[object, ...]:
    return "--server", server.url, "--token-file", server.token_file


def events_in(output: str) -> list[str]:
    return [line.split()[1] for line in output.splitlines() if line.startswith("Event: ")]


def line(kind: str = "step:done", **data: Any) -> str:
    return json.dumps({"type": kind, "data": data}) + "\n"


class Pipe:
    """A running `shannon pipe`."""

    def __init__(self, server: Server, session: str, *options: object) -> None:
        self.process = subprocess.Popen(
            argv("pipe", *at(server), "--session-id", session, *options),
            cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        assert self.process.stdin and self.process.stdout and self.process.stderr
        self.stdin, self.stdout, self.stderr = self.process.stdin, self.process.stdout, self.process.stderr

    def __enter__(self) -> Pipe:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.wait()
        for stream in (self.stdin, self.stdout, self.stderr):
            with contextlib.suppress(BrokenPipeError):
                stream.close()

    def report(self, *lines: str) -> None:
        """Write lines, and wait until as many events are printed."""
        self.stdin.write("".join(lines))
        self.stdin.flush()
        for _ in lines:
            self.next_event()

    def next_event(self) -> str:
        for printed in self.stdout:
            if printed.startswith("Event: "):
                return printed
        raise AssertionError(f"it ended: {self.stderr.read()}")

    def finish(self) -> tuple[int, str]:
        """End its input; its status and what it had to say."""
        self.stdin.close()
        told = self.stderr.read()
        return self.process.wait(PATIENCE_S), told


def acknowledged(session: str, seqs: list[int], dashboard: Client) -> None:
    """Wait until the server has acknowledged: it does so right behind routing, before it answers the dashboard."""
    dashboard.read_until(lambda: dashboard.seqs(session) == seqs)
    dashboard.catch_up()


def end_of(session: str, dashboard: Client) -> dict[str, Any]:
    """How a session ended, as a dashboard hears it."""

    def heard() -> list[dict[str, Any]]:
        return [notice for notice in dashboard.named("session:ended") if notice["session"] == session]

    dashboard.read_until(lambda: bool(heard()))
    (notice,) = heard()
    return notice


# Alone


def test_does_the_task_as_documented(project: Path) -> None:
    done = shannon("do", TASK, "--project-root", project)
    head, _, events = done.stdout.partition("\n\n")
    session = head.splitlines()[0].removeprefix("Session ID: ")
    assert done.returncode == 0
    assert head.splitlines() == [
        f"Session ID: {session}",
        f"Task: {TASK}",
        f"Project: {project}",
        f"Session: {session}",
    ]
    assert events == "".join(f"Event: {kind}\n" for kind in DOCUMENTED)
    names: dict[str, Any] = {}
    exec((project / "hello.py").read_text(), names)
    assert names["greet"]("you") == "Hello, you!"
    before, after = (
        json.loads((project / ".shannon" / "checkpoints" / f"{session}-{number}.json").read_text()) for number in (1, 2)
    )
    assert before["files"] == {}
    assert list(after["files"]) == ["hello.py"]


def test_tells_each_payload_when_verbose(project: Path) -> None:
    done = shannon("do", TASK, "--project-root", project, "--verbose", "--session-id", "mine")
    told = [json.loads(line.split(" ", 2)[2]) for line in done.stdout.splitlines() if line.startswith("Event: ")]
    assert [each["seq"] for each in told] == list(range(1, 11))
    assert {each["session"] for each in told} == {"mine"}
    assert told[0]["data"] == {"task": TASK, "project": str(project), "skills": 3}
    assert told[1]["data"] == {"id": "checkpoint-1", "label": "before the work", "files": 0}
    assert told[2]["data"] == {"skill": "analysis", "index": 1, "of": 3, "title": "Understand the task"}
    written = told[5]["data"]["files"]
    assert written == [{"path": "hello.py", "change": "created", "bytes": (project / "hello.py").stat().st_size}]
    assert told[9]["data"] | {"duration_ms": 0} == {"task": TASK, "skills": 3, "checkpoints": 2, "duration_ms": 0}


def test_needs_no_socketio_when_alone(project: Path) -> None:
    imports = [sys.executable, "-X", "importtime", *argv("do", TASK, "--project-root", project)[1:]]
    done = subprocess.run(imports, cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE_S, check=True)
    imported = {entry.rpartition("|")[2].strip() for entry in done.stderr.splitlines()}
    assert "fixtures.cli.orchestrator" in imported
    assert not imported & {"socketio", "engineio", "requests", "asyncio", "websocket"}


def test_hides_what_is_not_needed_only_for_a_while() -> None:
    with without("colorsys"), pytest.raises(ImportError):
        import colorsys
    import colorsys

    assert colorsys


@pytest.mark.parametrize(
    ("task", "why"),
    [
        ("be nice", "names no Python file"),
        ("create .py", "names no Python file"),
        ("create ../hello.py", "outside of the project"),
        ("create /tmp/hello.py", "outside of the project"),
        ("create taken.py", "there already"),
        ("create folder.py", "folder.py"),
        ("create file.txt/hello.py", "file.txt"),
        ("write " + "x" * 50_000, "names no Python file"),
    ],
)
def test_fails_honestly(project: Path, task: str, why: str) -> None:
    (project / "taken.py").write_text("precious = True\n")
    (project / "folder.py").mkdir()
    (project / "file.txt").write_text("")
    done = shannon("do", task, "--project-root", project, "--verbose")
    assert done.returncode == 1
    assert events_in(done.stdout)[-2:] == ["skill:failed", "execution:failed"]
    assert why in json.loads(done.stdout.splitlines()[-1].split(" ", 2)[2])["data"]["error"]
    assert (project / "taken.py").read_text() == "precious = True\n"
    assert not (project.parent / "hello.py").exists()


def test_a_checkpoint_that_cannot_be_made_fails_the_task(project: Path) -> None:
    (project / ".shannon").write_text("in the way")
    done = shannon("do", TASK, "--project-root", project)
    assert done.returncode == 1
    assert events_in(done.stdout) == ["execution:started", "execution:failed"]


def test_doing_it_again_changes_nothing(project: Path) -> None:
    for _ in range(2):
        done = shannon("do", TASK, "--project-root", project)
        assert done.returncode == 0
        assert events_in(done.stdout) == DOCUMENTED
    assert len(list((project / ".shannon" / "checkpoints").iterdir())) == 4, "each session keeps its own"


@pytest.mark.parametrize(
    ("task", "name"),
    [
        ("create hello.py", "hello.py"),
        ("make src/app.py, please", "src/app.py"),
        ("(a_b-c.py)", "a_b-c.py"),
        ("größe.py", "größe.py"),
        ("hello.pyc or hello.python", None),
    ],
)
def test_finds_the_file_in_the_task(task: str, name: str | None) -> None:
    found = NAMED.search(task)
    assert (found and found[0]) == name


def test_what_a_terminal_would_act_on_is_not_printed(project: Path) -> None:
    done = shannon("do", "create \x1b[31mhello.py", "--project-root", project, "--verbose")
    assert done.returncode == 0
    assert "\x1b" not in done.stdout
    assert done.stdout.isascii()


# What is wrong with a call


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ((), "COMMAND"),
        (("do",), "task"),
        (("do", TASK, "--project-root", "/nowhere/at/all"), "is no folder"),
        (("do", TASK, "--session-id", "a b"), "--session-id"),
        (("do", TASK, "--dashboard"), "SHANNON_TOKEN_FILE"),
        (("do", TASK, "--dashboard", "--token-file", "/nowhere/at/all"), "can't be read"),
        (("do", TASK, "--dashboard", "--token-file", sys.executable), "no token"),
        (("do", TASK, "--server", "localhost:8000"), "--server"),
        (("do", TASK, "--server", "ftp://localhost"), "--server"),
        (("do", TASK, "--patience-s", "nan"), "--patience-s"),
        (("do", TASK, "--transport", "pigeon"), "--transport"),
        (("pipe", "--window", "0"), "--window"),
        (("pipe", "--window", "many"), "--window"),
    ],
)
def test_wrong_use_is_told(arguments: tuple[object, ...], told: str) -> None:
    done = shannon(*arguments)
    assert done.returncode == 2
    assert told in done.stderr
    assert "Event:" not in done.stdout


def test_says_when_nobody_answers(project: Path, tmp_path: Path) -> None:
    with serving(tmp_path) as gone:
        pass
    done = shannon("do", TASK, "--dashboard", "--project-root", project, *at(gone))
    assert done.returncode == 3
    assert done.stderr.startswith(f"shannon: no server answers at {gone.url} (Connection refused)")
    assert not events_in(done.stdout)


@pytest.mark.parametrize("transport", ["websocket", "polling"])
def test_says_when_it_is_refused(server: Server, project: Path, tmp_path: Path, transport: str) -> None:
    wrong = tmp_path / "wrong"
    wrong.write_text("my-guess")
    options = ("--dashboard", "--project-root", project, "--server", server.url, "--transport", transport)
    done = shannon("do", TASK, *options, SHANNON_TOKEN_FILE=str(wrong))
    assert done.returncode == 4
    assert "[bad-token]" in done.stderr
    assert "my-guess" not in done.stdout + done.stderr
    assert not events_in(done.stdout)


def test_says_when_the_server_does_not_offer_the_transport(project: Path, tmp_path: Path) -> None:
    with serving(tmp_path, "broadcast", "--transports", "polling") as server:
        done = shannon("do", TASK, "--dashboard", "--project-root", project, *at(server))
    assert done.returncode == 4
    assert "HTTP status" in done.stderr


def test_says_who_holds_the_server(project: Path, tmp_path: Path) -> None:
    with serving(tmp_path, "single-session") as server, server.producer() as holder:
        holder.open("the-holder")
        done = shannon("do", TASK, "--dashboard", "--project-root", project, *at(server))
        assert done.returncode == 5
        assert "the-holder" in done.stderr
        assert not events_in(done.stdout)
        assert holder.publish("the-holder", 1)["ok"]


def test_an_id_is_used_once(server: Server) -> None:
    assert shannon("pipe", *at(server), "--session-id", "used", text=line()).returncode == 0
    done = shannon("pipe", *at(server), "--session-id", "used", text=line())
    assert done.returncode == 6
    assert "[session-exists]" in done.stderr


# With a dashboard


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
        assert "line 3 is no event" in done.stderr
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


@pytest.mark.parametrize(("transport", "count"), [("websocket", 10_000), ("polling", 2_000)])
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


# When something breaks


def test_a_restarted_server_gets_what_was_not_acknowledged(tmp_path: Path) -> None:
    with serving(tmp_path) as first, Pipe(first, "survivor") as pipe:
        with first.dashboard() as dashboard:
            pipe.report(line(), line())
            acknowledged("survivor", [1, 2], dashboard)
        first.process.send_signal(signal.SIGSTOP)
        pipe.report(line())
        first.process.kill()
        first.process.wait(PATIENCE_S)
        with serving(tmp_path, "broadcast", "--port", str(first.port)) as second, second.dashboard() as after:
            after.read_until(lambda: bool(after.seqs("survivor")))
            pipe.report(line(), line("execution:completed"))
            assert pipe.finish() == (0, "")
            assert end_of("survivor", after) == {"session": "survivor", "status": "completed", "seq": 5}
            # the acknowledgement of 2 may have died with the first server: then it comes again
            assert after.seqs("survivor") in ([3, 4, 5], [2, 3, 4, 5])


@pytest.mark.parametrize("transport", ["websocket", "polling"])
def test_a_cut_connection_is_resumed_without_loss_or_doubling(tmp_path: Path, transport: str) -> None:
    with serving(tmp_path, "broadcast", "--lease-s", "30") as server, server.dashboard() as dashboard:
        options = ("--window", 20, "--transport", transport)
        with Relay(server.port) as relay, Pipe(server, "cut", *options, "--server", relay.url) as pipe:
            for start in range(1, 301, 100):
                pipe.report(*(line(i=start + more) for more in range(100)))
                relay.cut()
            assert pipe.finish() == (0, "")
        assert end_of("cut", dashboard)["status"] == "completed"
        assert dashboard.seqs("cut") == list(range(1, 301))
        assert relay.cuts >= 3, "it was cut while it was connected"
        assert "Session resumed: cut" in server.log


def test_who_loses_its_session_to_another_ends(server: Server) -> None:
    with server.dashboard() as dashboard, Pipe(server, "taken") as pipe, server.producer() as thief:
        pipe.report(line())
        acknowledged("taken", [1], dashboard)
        assert thief.open("taken", resume=True)["ok"]
        pipe.report(line())
        status, told = pipe.finish()
        assert status == 6
        assert "[unknown-session]" in told
        thief.end("taken")


def test_a_session_whose_lease_is_over_is_not_taken_up_again(tmp_path: Path) -> None:
    with (
        serving(tmp_path, "broadcast", "--lease-s", "0") as server,
        server.dashboard() as dashboard,
        Relay(server.port) as relay,
        Pipe(server, "late", "--server", relay.url) as pipe,
    ):
        pipe.report(line())
        dashboard.read_until(lambda: dashboard.seqs("late") == [1])
        with relay.closed():
            assert end_of("late", dashboard)["status"] == "abandoned"
        pipe.stdin.write(line())
        status, told = pipe.finish()
        assert status == 6
        assert "abandoned" in told


def test_a_server_that_hangs_is_given_up(server: Server) -> None:
    with server.dashboard() as dashboard, Pipe(server, "hanging", "--patience-s", "0.3") as pipe:
        pipe.report(line())
        acknowledged("hanging", [1], dashboard)
        server.process.send_signal(signal.SIGSTOP)
        try:
            pipe.report(line())
            assert pipe.process.wait(PATIENCE_S) == 3
            assert "acknowledged nothing for 0.3 s" in pipe.stderr.read()
        finally:
            server.process.send_signal(signal.SIGCONT)


def test_a_server_that_stays_away_is_given_up(tmp_path: Path) -> None:
    with serving(tmp_path) as gone, Pipe(gone, "alone", "--patience-s", "0.3") as pipe:
        pipe.report(line())
        gone.process.kill()
        gone.process.wait(PATIENCE_S)
        with contextlib.suppress(BrokenPipeError):  # it may have noticed already
            pipe.stdin.write(line())
            pipe.stdin.flush()
        status, told = pipe.process.wait(PATIENCE_S), pipe.stderr.read()
        assert status == 3
        assert "no server answers" in told


def test_a_killed_cli_lets_the_next_one_in(tmp_path: Path, project: Path) -> None:
    with serving(tmp_path, "single-session", "--lease-s", "0.3") as server, server.dashboard() as dashboard:
        with Pipe(server, "victim") as victim:
            victim.report(line())
            victim.process.kill()
            victim.process.wait(PATIENCE_S)
        assert end_of("victim", dashboard)["status"] == "abandoned"
        assert shannon("do", TASK, "--dashboard", "--project-root", project, *at(server)).returncode == 0


@pytest.mark.parametrize("sent", [signal.SIGTERM, signal.SIGINT])
def test_an_interrupt_ends_the_session_in_order(server: Server, sent: signal.Signals) -> None:
    session = f"interrupted-{sent.name}"
    with server.dashboard() as dashboard, Pipe(server, session) as pipe:
        pipe.report(line())
        dashboard.read_until(lambda: dashboard.seqs(session) == [1])
        pipe.process.send_signal(sent)
        assert pipe.process.wait(PATIENCE_S) == 130
        assert pipe.stderr.read() == "shannon: interrupted\n"
        assert end_of(session, dashboard) == {"session": session, "status": "failed", "seq": 2}
        assert dashboard.seqs(session) == [1, 2]
        assert [each["data"] for each in dashboard.named("execution:failed") if each["session"] == session] == [
            {"error": "interrupted"}
        ]


def test_an_interrupt_while_an_event_is_under_way_waits_for_it(server: Server) -> None:
    with server.dashboard() as dashboard, Pipe(server, "under-way") as pipe:
        pipe.report(line())
        acknowledged("under-way", [1], dashboard)
        server.process.send_signal(signal.SIGSTOP)
        try:
            pipe.report(line())
            pipe.process.send_signal(signal.SIGTERM)
        finally:
            server.process.send_signal(signal.SIGCONT)
        assert pipe.process.wait(PATIENCE_S) == 130
        assert end_of("under-way", dashboard) == {"session": "under-way", "status": "failed", "seq": 3}
        assert dashboard.seqs("under-way") == [1, 2, 3]


def test_an_interrupt_does_not_wait_for_a_server_that_hangs(server: Server) -> None:
    with server.dashboard() as dashboard, Pipe(server, "hangs-on", "--patience-s", "60") as pipe:
        pipe.report(line())
        acknowledged("hangs-on", [1], dashboard)
        server.process.send_signal(signal.SIGSTOP)
        try:
            pipe.report(line())
            pipe.process.send_signal(signal.SIGTERM)
            assert pipe.process.wait(PATIENCE_S) == 130
            assert pipe.stderr.read() == "shannon: interrupted\n"
        finally:
            server.process.send_signal(signal.SIGCONT)


def test_an_interrupt_behind_the_terminal_event_comes_too_late(server: Server) -> None:
    with server.dashboard() as dashboard, Pipe(server, "too-late") as pipe:
        pipe.report(line("execution:completed"))
        dashboard.read_until(lambda: bool(dashboard.named("execution:completed")))
        pipe.process.send_signal(signal.SIGTERM)
        assert pipe.process.wait(PATIENCE_S) == 0
        assert end_of("too-late", dashboard) == {"session": "too-late", "status": "completed", "seq": 1}


def test_a_reader_that_went_away_is_told(server: Server) -> None:
    with Pipe(server, "unread") as pipe, server.dashboard() as dashboard:
        pipe.report(line())
        pipe.stdout.close()
        pipe.stdin.write(line() * 3)
        pipe.stdin.close()
        assert pipe.process.wait(PATIENCE_S) == 1
        assert pipe.stderr.read() == "shannon: nobody reads the standard output any more\n"
        assert end_of("unread", dashboard)["status"] == "failed"


def test_clients_of_these_tests_see_refusals(server: Server) -> None:
    with pytest.raises(Exception, match="bad-role"):
        Client(server.url, {})
