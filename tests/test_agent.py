"""The agent inside real servers and clients: what it records of them."""

from __future__ import annotations

import http.client
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from harness.taps.agent import AgentHub, environment

PATIENCE_S = 10.0

ALLOW = """
def allow(origin, environ=None):
    return "evil" not in str(origin)

"""

HANDLERS = """
{a}def connect(sid, environ, auth):
    if (auth or {{}}).get("role") == "stranger":
        raise socketio.exceptions.ConnectionRefusedError("not you", {{"code": "bad-role"}})
    {w}sio.enter_room(sid, "dashboards")

{a}def publish(sid, data):
    to = data.get("to", {{"room": "dashboards"}})
    if to.get("skip_me"):
        to = {{"room": "dashboards", "skip_sid": sid}}
    {w}sio.emit(data["type"], data, **to)
    data["changed"] = "afterwards"
    return {{"ok": True, "seq": data["seq"]}}

{a}def boom(sid, data):
    json.loads(data)

{a}def rooms(sid, data):
    {w}sio.enter_room(sid, "first")
    {w}sio.enter_room(sid, "second")
    {w}sio.leave_room(sid, "first")
    {w}sio.leave_room(sid, "first")
    {w}sio.close_room("second")

{a}def work():
    {w}gate.wait()
    {w}sio.emit("worked", {{}}, room="dashboards")

{a}def later(sid, data):
    {start}
    return "started"

{a}def open_gate(sid, data):
    gate.set()

{a}def burst(sid, count):
    for number in range(count):
        {w}sio.emit("burst", number, room="dashboards", skip_sid=sid)

for handler in (connect, publish, boom, rooms, later, open_gate, burst):
    sio.on(handler.__name__, handler)
"""

ASYNC_SERVER = (
    ALLOW
    + """
import asyncio, json, socket, sys
import socketio, uvicorn
sio = socketio.AsyncServer(async_mode="asgi", cors_allowed_origins=allow)
gate = asyncio.Event()
"""
    + HANDLERS.format(a="async ", w="await ", start="sio.kept = asyncio.create_task(work())")
    + """
listening = socket.socket()
listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
listening.bind(("127.0.0.1", 0))
print(listening.getsockname()[1], flush=True)
uvicorn.Server(uvicorn.Config(socketio.ASGIApp(sio), log_level="error")).run(sockets=[listening])
"""
)

THREADING_SERVER = (
    ALLOW
    + """
import json, socketserver, sys, threading
from wsgiref import simple_server
import socketio
sio = socketio.Server(async_mode="threading", cors_allowed_origins=allow, ping_interval=1)
gate = threading.Event()
"""
    + HANDLERS.format(a="", w="", start="sio.start_background_task(work)")
    + """
class Server(socketserver.ThreadingMixIn, simple_server.WSGIServer):
    daemon_threads = True

class Quiet(simple_server.WSGIRequestHandler):
    def log_message(self, *args):
        pass

server = simple_server.make_server("127.0.0.1", 0, socketio.WSGIApp(sio), Server, Quiet)
print(server.server_port, flush=True)
server.serve_forever()
"""
)

CLIENT = """
import json, os, sys
import socketio
url, transport = sys.argv[1:3]
client = socketio.Client(reconnection=False)
for line in sys.stdin:
    what, *args = json.loads(line)
    try:
        if what == "connect":
            auth, namespaces = args
            client.connect(url + "?api_token=hush-in-url", auth=auth, transports=[transport], namespaces=namespaces)
            answer = client.get_sid(namespaces[0])
        elif what == "emit":
            answer = client.emit(*args)
        elif what == "emit while away":
            client.eio.state = "disconnecting"
            answer = client.emit(*args)
            client.eio.state = "connected"
        elif what == "bytes":
            answer = client.call("publish", {"type": "binary", "seq": 1, "data": b"12345"})
        elif what == "call":
            answer = client.call(*args, timeout=10)
        elif what == "disconnect":
            answer = client.disconnect()
    except Exception as error:
        answer = type(error).__name__
    print(json.dumps(answer), flush=True)
os._exit(0)
"""


class Records:
    """What agents have recorded so far, by observer; can be waited on."""

    def __init__(self) -> None:
        self._news = threading.Condition()
        self._all: list[tuple[str, dict[str, Any]]] = []

    def __call__(self, name: str, record: dict[str, Any]) -> None:
        with self._news:
            self._all.append((name, record))
            self._news.notify_all()

    def of(self, kind: str, **having: Any) -> list[dict[str, Any]]:
        with self._news:
            return [
                record
                for _, record in self._all
                if record["k"] == kind and all(record.get(key) == value for key, value in having.items())
            ]

    def one(self, kind: str, **having: Any) -> dict[str, Any]:
        """The only such record; waits for it."""
        with self._news:
            self._news.wait_for(lambda: self.of(kind, **having), PATIENCE_S)
            found = self.of(kind, **having)
        assert len(found) == 1, (kind, having, [record for _, record in self._all][-20:])
        return found[0]

    def every(self, name: str) -> list[dict[str, Any]]:
        with self._news:
            return [record for observer, record in self._all if observer == name]


class Observed:
    """A server with the agent in it, and clients with theirs."""

    def __init__(self, folder: Path, hub: AgentHub, source: str, transport: str) -> None:
        self.hub, self.transport, self.folder = hub, transport, folder
        self.records = Records()
        hub.on("server", self.records)
        self.program = folder / "server.py"
        self.program.write_text(source)
        (folder / "client.py").write_text(CLIENT)
        self.process = subprocess.Popen(
            [sys.executable, str(self.program)],
            env=environment(hub.path, "server", "server", os.environ),
            cwd=folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        assert self.process.stdout is not None
        self.port = int(self.process.stdout.readline())

    def close(self) -> None:
        self.process.kill()
        self.process.communicate()


class Client:
    """A client process that does what it is told, line by line."""

    def __init__(self, observed: Observed, name: str) -> None:
        self.observed, self.name = observed, name
        observed.hub.on(name, observed.records)
        self.process = subprocess.Popen(
            [sys.executable, "client.py", f"http://127.0.0.1:{observed.port}", observed.transport, "--token", "hush"],
            env=environment(observed.hub.path, name, "client", os.environ),
            cwd=observed.folder,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def __call__(self, *command: Any) -> Any:
        assert self.process.stdin is not None and self.process.stdout is not None
        self.process.stdin.write(json.dumps(command) + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def close(self) -> None:
        self.process.communicate()
        assert self.observed.hub.wait_ended(self.name, PATIENCE_S)


KINDS = {"asgi": (ASYNC_SERVER, "websocket"), "threading": (THREADING_SERVER, "polling")}


@pytest.fixture(scope="module", params=list(KINDS))
def observed(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Observed]:
    with AgentHub() as hub:
        server = Observed(tmp_path_factory.mktemp("observed"), hub, *KINDS[request.param])
        yield server
        server.close()
        assert hub.wait_ended("server", PATIENCE_S)


@pytest.fixture(scope="module")
def client(observed: Observed) -> Iterator[Client]:
    """One that is connected, as a producer."""
    client = Client(observed, "cli:main")
    assert client("connect", {"role": "producer", "token": "hush"}, ["/"])
    yield client
    client.close()


@pytest.fixture(scope="module")
def sid(observed: Observed, client: Client) -> str:
    return str(observed.records.one("connect", role="producer")["sid"])


def event(number: int, **more: Any) -> dict[str, Any]:
    return {"type": "skill:started", "seq": number, "data": {"name": "x"}, **more}


def about(number: int) -> dict[str, Any]:
    """What marks the records of one published event."""
    return {"args": [event(number)]}


def test_every_hook_finds_its_place(observed: Observed, client: Client) -> None:
    told = observed.hub.sync("server", PATIENCE_S)
    assert told is not None and all(told.hooks.values()) and len(told.hooks) > 15 and told.troubles == 0


def test_an_event_is_recorded_at_each_hop_in_the_order_of_time(observed: Observed, client: Client, sid: str) -> None:
    assert client("call", "publish", event(1)) == {"ok": True, "seq": 1}
    sent = observed.records.one("send", event="publish", **about(1))
    received = observed.records.one("receive", event="publish", **about(1))
    routed = observed.records.one("route", event="skill:started", **about(1))
    answered = observed.records.one("answer", sid=sid, id=received["id"])
    acknowledged = observed.records.one("ack", event="publish", **about(1))
    times = [record["t"] for record in (sent, received, routed, answered, acknowledged)]
    assert times == sorted(times)
    assert received["sid"] == sid and sent["id"] == received["id"] == acknowledged["id"]
    assert (routed["room"], routed["recipients"], routed["served"]) == ("dashboards", [sid], True)
    assert "rooms" not in routed and "namespace" not in routed
    assert answered["event"] == "publish" and answered["args"] == acknowledged["result"] == [{"ok": True, "seq": 1}]


def test_where_the_emit_stands_in_the_targets_own_code(observed: Observed, client: Client, sid: str) -> None:
    client("call", "publish", event(2))
    line = 1 + next(
        number
        for number, text in enumerate(observed.program.read_text().splitlines())
        if 'sio.emit(data["type"]' in text
    )
    assert observed.records.one("route", **about(2))["where"] == f"server.py:{line} publish"


def test_nobody_in_the_room_tells_who_is_connected_and_where(observed: Observed, client: Client, sid: str) -> None:
    client("call", "publish", event(3, to={"room": "nobody"}))
    routed = observed.records.one("route", room="nobody")
    assert routed["recipients"] == [] and routed["connected"] == [sid]
    assert routed["rooms"] == {"dashboards": [sid]}


def test_a_namespace_that_nobody_is_in_is_unknown(observed: Observed, client: Client, sid: str) -> None:
    client("call", "publish", event(4, to={"namespace": "/elsewhere"}))
    routed = observed.records.one("route", ns="/elsewhere")
    assert (routed["recipients"], routed["namespace"], routed["connected"]) == ([], "unknown", [])


def test_who_is_skipped_is_no_recipient(observed: Observed, client: Client, sid: str) -> None:
    client("call", "publish", event(5, to={"skip_me": True}))
    assert observed.records.one("route", args=[event(5, to={"skip_me": True})])["recipients"] == []


def test_arguments_are_recorded_as_they_were(observed: Observed, client: Client, sid: str) -> None:
    """The handler changes its argument after it was received and routed."""
    client("call", "publish", event(6))
    assert observed.records.one("receive", **about(6)) and observed.records.one("route", **about(6))


def test_a_handler_that_raises(observed: Observed, client: Client, sid: str) -> None:
    """Deep in a library; what is named is the target's own code."""
    client("emit", "boom", "way")
    failed = observed.records.one("handler_error", event="boom")
    assert failed["error"].startswith("JSONDecodeError: Expecting value") and failed["sid"] == sid
    assert failed["where"].startswith("server.py:") and failed["where"].endswith(" boom")


def test_an_event_without_a_handler(observed: Observed, client: Client, sid: str) -> None:
    client("emit", "unheard", 1)
    assert observed.records.one("no_handler")["event"] == "unheard"


def test_joining_and_leaving(observed: Observed, client: Client, sid: str) -> None:
    """Leaving a room that one isn't in is nothing; closing a room is leaving for those in it."""
    client("call", "rooms", 0)
    assert observed.records.one("join", room="first")["n"] < observed.records.one("leave", room="first")["n"]
    assert observed.records.one("join", room="second")["n"] < observed.records.one("leave", room="second")["n"]
    assert {record["sid"] for record in observed.records.of("leave")} == {sid}
    assert not [record for record in observed.records.of("join") if record["room"] in (sid, "None", None)]


def test_a_task_that_a_handler_left_running_is_in_flight(observed: Observed, client: Client, sid: str) -> None:
    assert client("call", "later", 0) == "started"
    busy = observed.hub.sync("server", PATIENCE_S)
    assert busy is not None and busy.in_flight == 1 and busy.handlers == 0
    client("emit", "open_gate", 0)
    observed.records.one("route", event="worked")
    while (idle := observed.hub.sync("server", PATIENCE_S)) is not None and idle.in_flight:
        pass
    assert idle is not None
    assert idle.namespaces["/"].connected == (sid,) and idle.namespaces["/"].rooms == {"dashboards": (sid,)}
    assert set(idle.queued) == {sid}


def test_a_burst_in_one_handler_loses_no_record(observed: Observed, client: Client, sid: str) -> None:
    client("call", "burst", 2000)
    told = observed.hub.sync("server", PATIENCE_S)
    assert told is not None
    assert [record["args"][0] for record in observed.records.of("route", event="burst")] == list(range(2000))
    numbers = [record["n"] for record in observed.records.every("server")]
    assert numbers == list(range(1, len(numbers) + 1))


def test_a_payload_of_900_kb_is_recorded_whole(observed: Observed, client: Client, sid: str) -> None:
    text = "ü" * 100_000 + "x" * 300_000  # six characters of JSON for each ü
    client("call", "publish", event(7, text=text, to={"room": "big"}))
    assert observed.records.one("route", room="big")["args"][0]["text"] == text


def test_bytes_are_described(observed: Observed, client: Client, sid: str) -> None:
    client("bytes")
    described = {"_bytes": 5, "sha1": "8cb2237d0679ca88db6464eac60da96345513964"}
    assert observed.records.one("receive", args=[{"type": "binary", "seq": 1, "data": described}])


def test_secrets_never_leave_the_process_and_numbers_do(observed: Observed, client: Client, sid: str) -> None:
    client("call", "publish", event(8, api_token="hush", Cookie=["hush"], tokens=42))
    assert observed.records.one("receive", args=[event(8, api_token="[redacted]", Cookie=["[redacted]"], tokens=42)])
    everything = observed.records.every("server") + observed.records.every("cli:main")
    assert "hush" not in json.dumps(everything)
    assert observed.records.of("hello", name="cli:main")[0]["argv"][-2:] == ["--token", "[redacted]"]


def test_a_foreign_origin(observed: Observed) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", observed.port, timeout=PATIENCE_S)
    connection.request("GET", "/socket.io/?EIO=4&transport=polling", headers={"Origin": "http://evil.example"})
    assert connection.getresponse().status == 400
    connection.close()
    refused = observed.records.one("bad_origin")
    assert (refused["origin"], refused["status"]) == ("http://evil.example", 400)


def test_refused_connections_on_both_sides(observed: Observed) -> None:
    stranger = Client(observed, "cli:stranger")
    assert stranger("connect", {"role": "stranger"}, ["/"]) == "ConnectionError"
    assert stranger("connect", {"role": "lost"}, ["/nowhere"]) == "ConnectionError"
    stranger.close()
    handler = observed.records.one("refused", ns="/")
    assert (handler["reason"], handler["data"]) == ("not you", {"code": "bad-role"}) and handler["sid"]
    namespace = observed.records.one("refused", ns="/nowhere")
    assert (namespace["reason"], namespace["sid"]) == ("Unable to connect", None)
    assert [record["ns"] for record in observed.records.of("client_refused")] == ["/", "/nowhere"]
    assert not observed.records.of("connect", role="stranger") and not observed.records.of("connect", role="lost")


def test_a_connection_from_beginning_to_end(observed: Observed) -> None:
    guest = Client(observed, "cli:guest")
    guest("connect", {"role": "guest"}, ["/"])
    connected = observed.records.one("connect", role="guest")
    origin = {"websocket": f"http://127.0.0.1:{observed.port}", "polling": None}[observed.transport]
    assert (connected["transport"], connected["origin"]) == (observed.transport, origin)
    guest("disconnect")
    guest.close()
    assert observed.records.one("disconnect", sid=connected["sid"])
    mine = observed.records.every("cli:guest")
    url = f"http://127.0.0.1:{observed.port}?api_token=[redacted]"
    assert [record["url"] for record in mine if record["k"] == "client_connected"] == [url]
    assert [record["reason"] for record in mine if record["k"] == "client_disconnected"] == ["client disconnect"]


def test_what_engine_io_drops_without_a_word_was_not_sent(observed: Observed, client: Client, sid: str) -> None:
    client("emit while away", "publish", event(9))
    failed = observed.records.one("send_failed", **about(9))
    assert failed["error"] == "dropped: the connection was disconnecting"
    assert not observed.records.of("send", **about(9)) and not observed.records.of("receive", **about(9))
