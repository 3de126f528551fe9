"""What a program's own threads and tasks raise is told; what libraries raise, or what is caught, is not."""

from __future__ import annotations

from pathlib import Path

from harness.taps.agent import AgentHub
from tests.support.agent_programs import observe

THREAD = """
import socketio, threading

def work():
    raise KeyError("who")

thread = threading.Thread(target=work)
thread.start()
thread.join()
"""

TASK = """
import asyncio, socketio

async def work():
    raise KeyError("who")

async def main():
    asyncio.get_running_loop().create_task(work())
    await asyncio.sleep(0)
    await asyncio.sleep(0)

asyncio.run(main())
"""

NOTHING = """
import asyncio, json, socketio, threading

async def caught():
    raise KeyError("who")

async def main():
    await asyncio.gather(asyncio.create_task(caught()), return_exceptions=True)

asyncio.run(main())
thread = threading.Thread(target=json.loads, args=("no JSON",))  # no code of the program's own
thread.start()
thread.join()
"""

CALLED = """
import asyncio, socketio, threading

class News(socketio.ClientNamespace):
    def on_late(self, text): pass

client, other = socketio.Client(), socketio.AsyncClient()

@client.event
def news(text): pass

@other.event
async def news(text): pass

client.register_namespace(News("/news"))
for arguments in (("news", "/"), ("late", "/news")):
    thread = threading.Thread(target=client._trigger_event, args=(*arguments, "text", "offset"))
    thread.start()
    thread.join()

async def main():
    asyncio.get_running_loop().create_task(other._trigger_event("news", "/", "text", "offset"))
    await asyncio.sleep(0)
    await asyncio.sleep(0)

asyncio.run(main())
"""


def raised(hub: AgentHub, source: str, folder: Path) -> list[tuple[str, str, str]]:
    records = observe(hub, "program", source, folder)
    assert records, "the agent was in it"
    return [(each["in"], each["error"], each["where"]) for each in records if each["k"] == "raised"]


def test_a_thread_that_raises(hub: AgentHub, tmp_path: Path) -> None:
    assert raised(hub, THREAD, tmp_path) == [("thread", "KeyError: 'who'", "program.py:5 work")]


def test_a_task_that_raises(hub: AgentHub, tmp_path: Path) -> None:
    assert raised(hub, TASK, tmp_path) == [("task", "KeyError: 'who'", "program.py:5 work")]


def test_caught_exceptions_and_those_of_libraries_are_not_told(hub: AgentHub, tmp_path: Path) -> None:
    assert raised(hub, NOTHING, tmp_path) == []


def test_a_client_s_handler_that_takes_other_arguments_is_told_with_its_place(hub: AgentHub, tmp_path: Path) -> None:
    """No frame of the program's own is in the traceback: its handler was called, and never ran."""
    told = [(inside, where) for inside, error, where in raised(hub, CALLED, tmp_path) if "positional" in error]
    assert told == [
        ("thread", "program.py:9 news"),
        ("thread", "program.py:5 on_late"),
        ("task", "program.py:12 news"),
    ]
