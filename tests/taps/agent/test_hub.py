"""The receiving side, fed by hand: order, ends, questions, and what is not a record."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from harness.model import Body
from harness.model.facts import InFlight, TapTried
from harness.taps.agent import AgentError, AgentHub, Listening, Members, environment
from harness.taps.agent.lines import Lines, LineTooLong
from harness.taps.seen_by import Patience
from harness.taps.seen_by.agent import AgentInClient, AgentInServer

PATIENCE_S = 10.0


class Agent:
    """One end of an agent's connection."""

    def __init__(self, hub: AgentHub, name: str) -> None:
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.socket.settimeout(PATIENCE_S)
        self.socket.connect(hub.path)
        self.say(k="hello", name=name)

    def say(self, **record: Any) -> None:
        self.socket.sendall(json.dumps({"n": 1, "t": 1, **record}).encode() + b"\n")

    def asked(self) -> int:
        line = b""
        while not line.endswith(b"\n"):
            line += self.socket.recv(1)
        return int(json.loads(line)["sync"])

    def answer(self, token: int, **more: Any) -> None:
        none: dict[str, Any] = {
            "namespaces": {},
            "hooks": {},
            "queued": {},
            "listens": [],
            "troubles": 0,
            "in_flight": 0,
            "handlers": 0,
        }
        self.say(k="sync", token=token, **{**none, **more})


@pytest.fixture
def hub() -> Iterator[AgentHub]:
    with AgentHub() as hub:
        yield hub


def test_records_come_in_order_and_to_whom_they_are_for(hub: AgentHub) -> None:
    one: list[Any] = []
    other: list[Any] = []
    hub.on("one", lambda name, record: one.append((name, record["x"])) if "x" in record else None)
    hub.on("other", lambda name, record: other.append((name, record["x"])) if "x" in record else None)
    first, second = Agent(hub, "one"), Agent(hub, "other")
    for number in range(1000):
        first.say(k="test", x=number)
        second.say(k="test", x=-number)
    first.socket.close()
    second.socket.close()
    assert hub.wait_ended("one", PATIENCE_S) and hub.wait_ended("other", PATIENCE_S)
    assert one == [("one", number) for number in range(1000)]
    assert other == [("other", -number) for number in range(1000)]


def test_a_receiver_can_be_changed_and_removed(hub: AgentHub) -> None:
    got: list[str] = []
    agent = Agent(hub, "x")
    assert hub.wait_for("x", PATIENCE_S)
    for label in ("first", "second"):
        news = threading.Event()

        def receive(name: str, record: dict[str, Any], label: str = label, news: threading.Event = news) -> None:
            got.append(label)
            news.set()

        hub.on("x", receive)
        agent.say(k="test")
        assert news.wait(PATIENCE_S)
    hub.on("x", None)
    agent.say(k="test")
    agent.socket.close()
    assert hub.wait_ended("x", PATIENCE_S)
    assert got == ["first", "second"]


def test_a_line_may_come_in_pieces_and_be_a_megabyte_long(hub: AgentHub) -> None:
    got: list[str] = []
    hub.on("x", lambda name, record: got.append(record.get("text", "")))
    agent = Agent(hub, "x")
    line = json.dumps({"k": "test", "n": 2, "t": 2, "text": "x" * 1_000_000}).encode() + b"\n"
    for start in range(0, len(line), 70_000):
        agent.socket.sendall(line[start : start + 70_000])
    agent.socket.close()
    assert hub.wait_ended("x", PATIENCE_S)
    assert got == ["", "x" * 1_000_000]


def test_alive_ended_and_seen_again(hub: AgentHub) -> None:
    assert not hub.alive("x") and not hub.ended("x")
    agent = Agent(hub, "x")
    assert hub.wait_for("x", PATIENCE_S) and hub.alive("x") and not hub.ended("x")
    assert not hub.hooked("x")
    agent.say(k="hooks", hooks={})
    assert hub.wait_hooked("x", PATIENCE_S)
    agent.socket.close()
    assert hub.wait_ended("x", PATIENCE_S) and hub.ended("x") and not hub.alive("x")
    hub.forget("x")
    assert not hub.ended("x")


def test_who_never_connected_is_known_at_once_not_to_have_been_observed(hub: AgentHub) -> None:
    assert hub.wait_ended("never", 3600) is False


def test_who_has_just_connected_is_not_overlooked(hub: AgentHub) -> None:
    """The process has ended before the hub has even accepted its connection."""
    for number in range(50):
        agent = Agent(hub, f"quick {number}")
        agent.say(k="test")
        agent.socket.close()
        assert hub.wait_ended(f"quick {number}", PATIENCE_S)


def ask(hub: AgentHub, name: str) -> tuple[threading.Thread, list[Any]]:
    answers: list[Any] = []
    thread = threading.Thread(target=lambda: answers.append(hub.sync(name, PATIENCE_S)))
    thread.start()
    return thread, answers


def test_sync_is_answered_behind_everything_recorded(hub: AgentHub) -> None:
    got: list[str] = []
    hub.on("x", lambda name, record: got.append(record["k"]))
    agent = Agent(hub, "x")
    agent.say(k="hooks", hooks={})
    assert hub.wait_hooked("x", PATIENCE_S)
    thread, answers = ask(hub, "x")
    token = agent.asked()
    agent.say(k="route")
    told = {"/": {"rooms": {"r": ["S"]}, "connected": ["S", "T"]}}
    agent.answer(
        token,
        in_flight=3,
        handlers=2,
        namespaces=told,
        hooks={"send": True},
        queued={"S": 4},
        listens=[{"queue": "redis://q", "channel": "c", "connected": ["S"]}],
        t=99,
    )
    thread.join()
    (reply,) = answers
    assert got == ["hello", "hooks", "route", "sync"]
    assert (reply.in_flight, reply.handlers, reply.at_ns, reply.troubles) == (3, 2, 99, 0)
    assert reply.namespaces == {"/": Members({"r": ("S",)}, ("S", "T"))}
    assert (reply.hooks, reply.queued) == ({"send": True}, {"S": 4})
    assert reply.listens == (Listening("redis://q", "c", ("S",)),)
    agent.socket.close()


def test_sync_adds_up_the_workers_of_one_server(hub: AgentHub) -> None:
    hooked = threading.Semaphore(0)
    hub.on("x", lambda name, record: hooked.release() if record["k"] == "test" else None)
    workers = [Agent(hub, "x") for _ in range(2)]
    for worker in workers:
        worker.say(k="hooks", hooks={})
        worker.say(k="test")
        assert hooked.acquire(timeout=PATIENCE_S)
    thread, answers = ask(hub, "x")
    for number, worker in enumerate(workers):
        told = {"/": {"rooms": {"r": [f"S{number}"]}, "connected": [f"S{number}"]}}
        worker.answer(worker.asked(), in_flight=1, namespaces=told, hooks={"send": number == 0})
    thread.join()
    (reply,) = answers
    assert reply.in_flight == 2 and reply.hooks == {"send": False}
    assert reply.namespaces == {"/": Members({"r": ("S0", "S1")}, ("S0", "S1"))}
    for worker in workers:
        worker.socket.close()


def test_sync_is_none_without_python_socketio_without_an_answer_and_after_the_end(hub: AgentHub) -> None:
    agent = Agent(hub, "x")
    assert hub.wait_for("x", PATIENCE_S)
    assert hub.sync("x", 3600) is None and hub.sync("nobody", 3600) is None
    agent.say(k="hooks", hooks={})
    assert hub.wait_hooked("x", PATIENCE_S)
    assert hub.sync("x", 0.01) is None
    thread, answers = ask(hub, "x")
    agent.asked()
    agent.socket.close()
    thread.join()
    assert answers == [None]


@pytest.mark.parametrize("line", [b"no json\n", b"[1]\n", b'{"n":1}\n', b'{"k":"test"}\n', b"\xff\n"])
def test_what_is_no_record_is_an_error_of_the_harness(line: bytes) -> None:
    hub = AgentHub()
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.connect(hub.path)
        connection.sendall(line)
    with pytest.raises(AgentError, match="could not be taken"):
        hub.wait_for("x", PATIENCE_S)
    hub.close()


def fail(name: str, record: dict[str, Any]) -> None:
    raise ZeroDivisionError(name)


def test_a_receiver_that_fails_is_reported_and_the_others_go_on() -> None:
    got: list[str] = []
    hub = AgentHub()
    hub.on("bad", fail)
    hub.on("good", lambda name, record: got.append(record["k"]))
    bad, good = Agent(hub, "bad"), Agent(hub, "good")
    good.say(k="test")
    good.socket.close()
    assert hub.wait_ended("good", PATIENCE_S) and got == ["hello", "test"]
    bad.socket.close()
    assert hub.wait_ended("bad", PATIENCE_S)
    why = hub.why_dead("bad")
    assert (
        why is not None and "ZeroDivisionError" in why and hub.why_dead("bad") is None and hub.why_dead("good") is None
    )
    hub.close()


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (b"no json", "it is no JSON"),
        (b"[1]", "it has no kind"),
        (b'{"n":1}', "it has no kind"),
        (b'{"k":["test"]}', "it has no kind"),
        (b"\xff", "it is no JSON"),
        (b"[" * 100_000, "it is no JSON"),
        (b'{"k":"bye"}', "it has no 'n'"),
        (b'{"k":"read"}', "a field of it is not of its kind (unsupported operand type(s) for +: 'int' and 'str')"),
    ],
)
def test_a_line_of_a_known_process_that_is_no_record_makes_its_tap_dead(line: bytes, why: str) -> None:
    hub = AgentHub()
    hub.on("x", lambda _, record: record["k"] == "read" and 1 + record["k"])
    agent = Agent(hub, "x")
    agent.socket.sendall(line + b"\n")
    agent.socket.close()
    assert hub.wait_ended("x", PATIENCE_S)
    assert hub.why_dead("x") == f"a record of its agent could not be taken: {why}"
    hub.close()


def test_a_line_without_an_end_is_dropped_and_those_behind_it_are_taken() -> None:
    got: list[str] = []
    hub = AgentHub()
    hub.on("x", lambda _, record: got.append(record["k"]))
    agent = Agent(hub, "x")
    assert hub.wait_for("x", PATIENCE_S)
    (process,) = hub._processes
    process.lines = Lines(longest=10_000)
    agent.socket.sendall(b"x" * 300_000)
    agent.socket.sendall(b"x\n")
    agent.say(k="test")
    agent.socket.close()
    assert hub.wait_ended("x", PATIENCE_S)
    assert got == ["hello", "test"] and len(process.lines._waiting) == 0
    assert hub.why_dead("x") == "a record of its agent could not be taken: a line of it is longer than 10000 bytes"
    hub.close()


def test_a_line_that_is_too_long_is_not_kept() -> None:
    """Cut at every place: what is told once, what is kept, and what comes after it."""
    stream = b"one\n" + b"x" * 50 + b"\ntwo\nthree\n"
    for step in range(1, 20):
        lines, told, kept = Lines(longest=20), 0, []
        for start in range(0, len(stream), step):
            try:
                kept += lines.cut(stream[start : start + step])
            except LineTooLong:
                told += 1
            assert len(lines._waiting) <= 20
        assert (told, kept) == (1, [b"one", b"two", b"three"])


def test_a_hub_whose_thread_ended_says_so_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    hub = AgentHub()
    agent = Agent(hub, "x")
    assert hub.wait_for("x", PATIENCE_S)
    monkeypatch.setattr(hub, "_take", lambda process, chunk: 1 / 0)
    agent.say(k="test")
    assert not hub.wait_hooked("x", 3600) and not hub.wait_ended("x", 3600) and hub.sync("x", 3600) is None
    assert "ZeroDivisionError" in (hub.why_dead("x") or "")
    agent.socket.close()
    hub.close()


def test_closing_leaves_nothing() -> None:
    before = threading.active_count()
    hub = AgentHub()
    agent = Agent(hub, "x")
    assert hub.wait_for("x", PATIENCE_S)
    folder = Path(hub.path).parent
    assert len(hub.path) < 100 and folder.stat().st_mode & 0o077 == 0
    hub.close()
    hub.close()
    assert threading.active_count() == before and not folder.exists()
    assert agent.socket.recv(1) == b""
    agent.socket.close()


def test_the_environment_has_the_site_folder_in_front_once() -> None:
    once = environment("/s", "cli:x", "client", {"PYTHONPATH": "/mine", "OTHER": "1"})
    site, *behind = once["PYTHONPATH"].split(":")
    assert behind == ["/mine"] and (Path(site) / "sitecustomize.py").is_file() and once["OTHER"] == "1"
    assert (once["HARNESS_AGENT"], once["HARNESS_AGENT_NAME"], once["HARNESS_AGENT_ROLE"]) == ("/s", "cli:x", "client")
    assert environment("/s", "cli:x", "client", once) == once
    assert environment("/s", "cli:x", "client", {})["PYTHONPATH"] == site


def test_an_unknown_role_is_refused() -> None:
    with pytest.raises(ValueError, match="role of agent 'x' is 'boss'; it must be one of server, client"):
        environment("/s", "x", "boss", {})


PATIENT = Patience(outstanding=lambda: 0, deadline_s=time.monotonic, pause=lambda: None)


def looked(hub: AgentHub, phase: str = "after") -> list[tuple[type[Body], Any]]:
    """What the server probe says of the process `server`: whether its taps are alive, how many handlers run in it."""
    told = AgentInServer(hub, "server").look(phase, patience=PATIENT, timeout_s=0.2)
    bodies = (each for each in told if isinstance(each, TapTried | InFlight))
    return [(type(each), each.alive if isinstance(each, TapTried) else each.count) for each in bodies]


def test_a_process_that_said_goodbye_has_told_everything_and_nothing_runs_in_it(hub: AgentHub) -> None:
    agent = Agent(hub, "server")
    agent.say(k="hooks", n=2)
    agent.say(k="bye", n=3)
    agent.socket.close()
    assert hub.wait_ended("server", PATIENCE_S)
    assert looked(hub) == [(TapTried, True), (TapTried, True), (InFlight, 0)]


def test_a_process_that_was_killed_may_have_had_more_to_tell(hub: AgentHub) -> None:
    agent = Agent(hub, "server")
    agent.say(k="hooks", n=2)
    agent.socket.close()
    assert hub.wait_ended("server", PATIENCE_S)
    assert looked(hub) == [(TapTried, False), (TapTried, False)]


def test_a_process_that_never_came_tells_nothing(hub: AgentHub) -> None:
    assert looked(hub) == [(TapTried, False), (TapTried, False)]


def test_a_library_of_another_protocol_makes_its_taps_dead_and_says_so(hub: AgentHub) -> None:
    """Whether its process still runs or has said goodbye: a hop of its that saw nothing was not looked at."""
    said = "socket.io 2.5.1 speaks protocol 3 of Engine.IO, and only 4 is read (socket.io 3 and later)"
    told_it = threading.Event()
    hub.on("server", lambda _, record: told_it.set() if record["k"] == "test" else None)
    agent = Agent(hub, "server")
    agent.say(k="unread", n=2, library="socket.io", version="2.5.1", protocol=3)
    agent.say(k="test", n=3)
    assert told_it.wait(PATIENCE_S)
    for ends in (False, True):
        if ends:
            agent.say(k="bye", n=4)
            agent.socket.close()
            assert hub.wait_ended("server", PATIENCE_S)
        told = AgentInServer(hub, "server").look("after", PATIENT, 0.2)
        tried = [(each.alive, each.why) for each in told if isinstance(each, TapTried)]
        assert tried == [(False, said), (False, said)]
    assert AgentInClient(hub, "server").conclude(False, 0.2) == said
