"""What comes to the hub and is not a record, and a receiver that fails: the others go on, the tap is dead."""

from __future__ import annotations

import socket
from typing import Any

import pytest

from harness.taps.agent import AgentError, AgentHub
from harness.taps.agent.lines import Lines, LineTooLong
from tests.support.agents import PATIENCE_S, Agent


@pytest.mark.parametrize("line", [b"no json\n", b"[1]\n", b'{"n":1}\n', b'{"k":"test"}\n', b"\xff\n"])
def test_what_is_not_a_record_is_an_error_of_the_harness(line: bytes) -> None:
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
        (b"no json", "it is not JSON"),
        (b"[1]", "it has no kind"),
        (b'{"n":1}', "it has no kind"),
        (b'{"k":["test"]}', "it has no kind"),
        (b"\xff", "it is not JSON"),
        (b"[" * 100_000, "it is not JSON"),
        (b'{"k":"bye"}', "it has no 'n'"),
        (b'{"k":"base","n":1}', "it has no 't'"),
        (b'{"k":"read"}', "a field of it is not of its kind (unsupported operand type(s) for +: 'int' and 'str')"),
    ],
)
def test_a_line_of_a_known_process_that_is_not_a_record_makes_its_tap_dead(line: bytes, why: str) -> None:
    hub = AgentHub()
    hub.on("x", lambda _, record: record["k"] == "read" and 1 + record["k"])
    agent = Agent(hub, "x")
    agent.socket.sendall(line + b"\n")
    agent.socket.close()
    assert hub.wait_ended("x", PATIENCE_S)
    assert hub.why_dead("x") == f"a record of its agent could not be taken: {why}"
    hub.close()


def test_what_is_told_in_short_is_handed_on_whole() -> None:
    """Each record is one more than the one before it, so many microseconds later; a request is so many records back."""
    got: list[dict[str, Any]] = []
    hub = AgentHub()
    hub.on("x", lambda _, record: got.append(record))
    agent = Agent(hub, "x")
    agent.socket.sendall(
        b'{"k":"base","n":0,"t":4000}\n{"k":"hooks","d":1}\n{"k":"receive","d":0,"request":0}\n{"k":"route","d":7,"request":-1}\n'
        b'{"k":"route","d":0,"request":null}\n{"k":"base","n":9,"t":90000}\n{"k":"bye","d":1}\n'
    )
    agent.socket.close()
    assert hub.wait_ended("x", PATIENCE_S) and hub.why_dead("x") is None
    assert got[2:] == [
        {"k": "receive", "n": 2, "t": 5000, "request": 2},
        {"k": "route", "n": 3, "t": 12000, "request": 2},
        {"k": "route", "n": 4, "t": 12000, "request": None},
        {"k": "bye", "n": 10, "t": 91000},
    ]
    assert not hub.whole("x"), "five records are missing"
    hub.close()


def test_a_line_without_an_end_is_dropped_and_those_after_it_are_taken() -> None:
    got: list[str] = []
    hub = AgentHub()
    hub.on("x", lambda _, record: got.append(record["k"]))
    agent = Agent(hub, "x")
    assert hub.wait_for("x", PATIENCE_S)
    (process,) = hub._known.processes
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
