"""The reference CLI when something breaks: restarts, cuts, hanging servers, kills and interrupts."""

from __future__ import annotations

import contextlib
import signal
from pathlib import Path

import pytest

from tests.support.reference import PATIENCE_S, Client, Relay, Server, serving
from tests.support.shannon import (
    TASK,
    Pipe,
    acknowledged,
    at,
    end_of,
    line,
    shannon,
)


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


def test_an_interrupt_after_the_terminal_event_comes_too_late(server: Server) -> None:
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
        assert pipe.stderr.read() == "shannon: the standard output is no longer read\n"
        assert end_of("unread", dashboard)["status"] == "failed"


def test_clients_of_these_tests_see_refusals(server: Server) -> None:
    with pytest.raises(Exception, match="bad-role"):
        Client(server.url, {})
