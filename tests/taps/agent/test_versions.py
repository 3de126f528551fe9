"""The agent in other releases of python-socketio: the oldest that it knows, one between, and the newest there is.

Each release is installed into a folder of its own that comes before the others on the path. `make test` tries the
oldest with one kind of server and both kinds of clients; `make test-versions` tries all of them (HARNESS_VERSIONS=all).
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from harness.taps.agent import AgentHub, environment
from tests.support.observed import CLIENTS, KINDS, PATIENCE_S, Client, Observed, about, event, observing

OLDEST = ("python-socketio==5.8.0", "python-engineio==4.4.0")
RELEASES = {
    "oldest": OLDEST,
    "between": ("python-socketio==5.11.4", "python-engineio==4.9.1"),
    "newest": ("python-socketio", "python-engineio"),
}
ALL = [(release, kind, client) for release in RELEASES for kind in KINDS for client in CLIENTS]
CHOSEN = ALL if os.environ.get("HARNESS_VERSIONS") == "all" else [("oldest", "asgi", client) for client in CLIENTS]

UNHAPPY = """
import asyncio, sys
import socketio
print(socketio.__file__.split("/")[-3:-1], sorted(name for name in vars(socketio) if "Manager" in name))
sio = socketio.Server(async_mode="threading")
sio.emit("to", "nobody")
client = socketio.Client(reconnection=False)
try:
    client.connect("http://127.0.0.1:9", wait_timeout=1)
except socketio.exceptions.ConnectionError as error:
    print(type(error).__name__)  # its text has a time in it
try:
    client.emit("too early", {})
except Exception as error:
    print(type(error).__name__, error)
async def main():
    await socketio.AsyncServer(async_mode="asgi").emit("to", {"nobody": object})
    raise KeyError("the end")
asyncio.run(main())
"""


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Path]:
    """Release to the folder that it is installed in; filled when it is first asked for."""
    return _Installed(tmp_path_factory)


class _Installed(dict[str, Path]):
    def __init__(self, folders: pytest.TempPathFactory) -> None:
        super().__init__()
        self._folders = folders

    def __missing__(self, release: str) -> Path:
        folder = self[release] = self._folders.mktemp(release)
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"]
        argv = [*pip, "--target", str(folder), *RELEASES[release]]
        done = subprocess.run(argv, capture_output=True, text=True, check=False)
        if done.returncode:
            pytest.skip(f"pip could not install {' '.join(RELEASES[release])}: {done.stderr[-300:]}")
        return folder


def using(folder: Path) -> dict[str, str]:
    """An environment in which that release is the one that is imported."""
    return {**os.environ, "PYTHONPATH": str(folder)}


@pytest.fixture(scope="module", params=CHOSEN, ids="-".join)
def observed(
    request: pytest.FixtureRequest, installed: Mapping[str, Path], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Observed]:
    release, kind, client = request.param
    what = (*KINDS[kind], using(installed[release]), CLIENTS[client])
    with observing(tmp_path_factory.mktemp("observed"), *what) as server:
        yield server


@pytest.fixture(scope="module")
def client(observed: Observed) -> Iterator[Client]:
    client = Client(observed, "cli:main")
    assert client("connect", {"role": "producer"}, ["/"])
    yield client
    client.close()


def test_every_hook_finds_its_place(observed: Observed, client: Client) -> None:
    told = observed.hub.sync("server", PATIENCE_S)
    assert told is not None and told.troubles == 0
    assert [hook for hook, is_there in told.hooks.items() if not is_there] == []


def test_an_event_is_seen_when_it_is_sent_received_routed_and_acknowledged(observed: Observed, client: Client) -> None:
    assert client("call", "publish", event(1)) == {"ok": True, "seq": 1}
    records = observed.records
    sent = records.one("send", event="publish", **about(1))
    received = records.one("receive", event="publish", **about(1))
    routed = records.one("route", event="skill:started", **about(1))
    acknowledged = records.one("ack", event="publish", **about(1))
    times = [record["t"] for record in (sent, received, routed, acknowledged)]
    assert times == sorted(times)
    sid = records.one("connect", role="producer")["sid"]
    assert routed["recipients"] == [sid] and routed["where"].startswith("server.py:")


def test_an_empty_room(observed: Observed, client: Client) -> None:
    client("call", "publish", event(2, to={"room": "nobody"}))
    routed = observed.records.one("route", room="nobody")
    assert routed["recipients"] == [] and len(routed["connected"]) == 1


def test_a_handler_that_raises_and_one_that_is_not_there(observed: Observed, client: Client) -> None:
    client("emit", "boom", "way")
    assert observed.records.one("handler_error", event="boom")["where"].endswith(" boom")
    client("emit", "unheard", 1)
    assert observed.records.one("no_handler")["event"] == "unheard"


def test_a_client_that_leaves_by_itself_is_told_from_one_that_lost_its_connection(observed: Observed) -> None:
    other = Client(observed, "cli:other")
    assert other("connect", {"role": "producer"}, ["/"])
    other("disconnect")
    other.close()
    assert observed.hub.wait_ended("cli:other", PATIENCE_S)
    ended = [each for each in observed.records.every("cli:other") if each["k"] == "client_disconnected"]
    assert [each["reason"] for each in ended] == ["client disconnect"]


@pytest.mark.parametrize("release", dict.fromkeys(release for release, _, _ in CHOSEN))
def test_what_a_program_does_is_the_same_with_the_agent(
    release: str, installed: Mapping[str, Path], tmp_path: Path
) -> None:
    program = tmp_path / "unhappy.py"
    program.write_text(UNHAPPY)

    def run(env: Mapping[str, str]) -> tuple[int, str, str]:
        done = subprocess.run([sys.executable, str(program)], env=env, capture_output=True, text=True, check=False)
        return done.returncode, done.stdout, done.stderr

    alone = run(using(installed[release]))
    with AgentHub() as hub:
        watched = run(environment(hub.path, "cli:main", "client", using(installed[release])))
        assert hub.wait_ended("cli:main", PATIENCE_S), "it was watched"
    assert alone[0] == 1 and "KeyError: 'the end'" in alone[2] and "ConnectionError" in alone[1]
    assert watched == alone
