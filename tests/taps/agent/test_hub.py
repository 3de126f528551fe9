"""The receiving side, fed by hand: order, ends and questions."""

from __future__ import annotations

import json
import threading
from pathlib import Path
from typing import Any

import pytest

from harness.taps.agent import AgentHub, Listening, Members, environment
from tests.support.agents import PATIENCE_S, Agent


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


def test_sync_is_answered_after_everything_recorded(hub: AgentHub) -> None:
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


def test_who_has_its_hooks_is_asked_also_where_nobody_has_read_that_yet(hub: AgentHub) -> None:
    """As on a machine without a processor to spare: a server that is ready was told to have no Socket.IO library."""
    held, release = threading.Event(), threading.Event()

    def hold(_name: str, _record: dict[str, Any]) -> None:
        held.set()
        release.wait(PATIENCE_S)

    hub.on("busy", hold)
    busy = Agent(hub, "busy")
    assert held.wait(PATIENCE_S)
    agent = Agent(hub, "x")
    agent.say(k="hooks", hooks={})
    replies: list[Any] = []
    asking = threading.Thread(target=lambda: replies.append(hub.sync("x", PATIENCE_S)))
    asking.start()
    asking.join(0.1)
    assert replies == [], "it waits for what has come to be read"
    release.set()
    agent.answer(agent.asked())
    asking.join()
    assert replies[0] is not None
    busy.socket.close()
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


def test_a_hub_whose_thread_ended_says_so_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    hub = AgentHub()
    agent = Agent(hub, "x")
    assert hub.wait_for("x", PATIENCE_S)
    monkeypatch.setattr(hub._known, "take", lambda process, chunk: 1 / 0)
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
