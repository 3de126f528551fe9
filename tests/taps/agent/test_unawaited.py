"""Coroutines that are never awaited, and tasks that fail while they are referenced: Python says little of either."""

from __future__ import annotations

import asyncio
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from harness.taps.agent import AgentHub, environment
from harness.taps.agent.site._harness_agent.failures import tell_kept
from harness.taps.agent.site._harness_agent.state import Seen
from tests.support.agent_programs import PATIENCE_S, observe, run

UNAWAITED = """
import asyncio, socketio
server = socketio.AsyncServer(async_mode="asgi")
client = socketio.AsyncClient()

async def tell(what):
    await server.emit("publish", what)

async def main():
    server.emit("publish", {"number": 1}, room="s")
    server.enter_room("x", room="s")
    client.emit("publish", {"number": 2})
    tell({"number": 3})
    asyncio.sleep(0)
    await asyncio.sleep(0)

asyncio.run(main())
"""


def test_what_was_to_be_emitted_or_joined_and_where(hub: AgentHub, tmp_path: Path) -> None:
    records = [each for each in observe(hub, "program", UNAWAITED, tmp_path) if each["k"] == "unawaited"]
    told = [(r["function"], r["does"], r["event"], r["args"], r["room"], r["sid"], r["where"]) for r in records]
    assert told == [
        ("AsyncServer.emit", ["emit"], "publish", [{"number": 1}], "s", None, "program.py:10 main"),
        ("AsyncServer.enter_room", ["enter_room"], None, [], "s", "x", "program.py:11 main"),
        ("AsyncClient.emit", ["emit"], "publish", [{"number": 2}], None, None, "program.py:12 main"),
        ("tell", ["emit"], None, [], None, None, "program.py:6 tell"),
    ]


def test_python_says_the_same_with_the_agent_and_without(hub: AgentHub, tmp_path: Path) -> None:
    without = run(UNAWAITED, os.environ, tmp_path)
    observed = run(UNAWAITED, environment(hub.path, "cli:x", "client", os.environ), tmp_path)
    assert hub.wait_ended("cli:x", PATIENCE_S), "the agent was not there"
    assert "program.py:10: RuntimeWarning: coroutine 'AsyncServer.emit' was never awaited" in without.stderr
    assert (observed.returncode, observed.stderr) == (without.returncode, without.stderr)


class Kept:
    """What would have been sent."""

    silent = False

    def __init__(self) -> None:
        self.told: list[tuple[str, int | None]] = []

    def put(self, _kind: str, body: str, at_ns: int | None = None) -> None:
        self.told.append((body, at_ns))


async def fails(what: str) -> None:
    raise KeyError(what)


async def _worker(seen: Seen) -> list[Any]:
    """One that the target begins by itself, one of a library, and one that ends well."""
    loop = asyncio.get_running_loop()
    mine, ends = loop.create_task(fails("mine")), loop.create_task(asyncio.sleep(0))
    library = loop.create_task(asyncio.wait_for(fails("waited for"), 1))
    for task in (mine, ends, library):
        seen.follows(task)
    await asyncio.wait((mine, ends, library))
    return [mine, ends, library]


def test_a_worker_that_failed_is_told_also_where_no_handler_started_it() -> None:
    seen, wire = Seen(), Kept()
    with ThreadPoolExecutor(1) as pool:
        kept = pool.submit(asyncio.run, _worker(seen)).result(PATIENCE_S)
    tell_kept(wire, seen.failed)  # type: ignore[arg-type]
    [(body, _)] = wire.told
    assert "KeyError: 'mine'" in body
    for task in kept:
        task.exception()


async def _failing(seen: Seen) -> list[Any]:
    loop = asyncio.get_running_loop()
    alone, looked_at = loop.create_task(fails("alone")), loop.create_task(fails("looked at"))
    seen.started(alone)
    seen.started(looked_at)
    await asyncio.gather(looked_at, return_exceptions=True)
    return [alone, looked_at]


def test_a_task_that_failed_while_it_was_kept_is_told_once_and_at_its_time() -> None:
    seen, wire = Seen(), Kept()
    with ThreadPoolExecutor(1) as pool:  # the thread of the tests may have a loop already
        kept = pool.submit(asyncio.run, _failing(seen)).result(PATIENCE_S)
    [at_ns] = [seen.failed[task] for task in kept if "alone" in repr(task._exception)]
    for _ in range(2):
        tell_kept(wire, seen.failed)  # type: ignore[arg-type]  # as much of a wire as it takes
    [(body, told_at)] = wire.told
    assert "KeyError: 'alone'" in body and told_at == at_ns
    for task in kept:
        task.exception()
