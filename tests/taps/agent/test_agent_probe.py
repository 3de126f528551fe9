"""What the harness says of an agent's process once it has looked: its taps, and what is in flight."""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest

from harness.model import Body
from harness.model.facts import InFlight, TapTried
from harness.taps.agent import AgentHub, SyncReply
from harness.taps.agent.reply import Running
from harness.taps.seen_by import Patience
from harness.taps.seen_by.agent import AgentInClient, AgentInServer, _may_route
from tests.support.agents import PATIENCE_S, Agent

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


@pytest.mark.parametrize(("ms", "is_held", "waits"), [(3100, True, False), (2900, True, True), (3100, False, True)])
def test_a_handler_that_had_its_time_with_an_event_is_waited_for_no_longer(ms: int, is_held: bool, waits: bool) -> None:
    """One that has passed on what it took may go on for long, and the fence comes back when it has ended."""
    reply = SyncReply(1, 1, {}, {}, {}, 0, 0, running=(Running("one", "order", ms, 0, "server.js:9"),))
    patience = Patience(lambda: 1, time.monotonic, lambda: None, lambda sid, _: is_held and sid == "one", lambda: 3.0)
    assert _may_route(reply, patience) is waits
