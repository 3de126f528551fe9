"""The wire proxy between real clients and real servers: what passed is told, by whatever transport."""

from __future__ import annotations

import http.client
import json
import socketserver
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import pytest

from harness.model import Hop
from harness.model.facts import Acknowledged, Answered, ClientRefused, Connected, Disconnected, Refused, Requested
from harness.taps.wire import proxy as proxy_module
from harness.taps.wire.proxy import WireProxy
from tests.support.observed import python
from tests.support.observed_programs import ASYNC_SERVER, CLIENT, THREADING_SERVER
from tests.support.proxied import PATIENCE_S, Seen, proxied, step, tcp
from tests.support.reference import serving


@pytest.fixture(scope="module")
def ports(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, int]]:
    """Kind of server to the port of one that is not observed from inside."""
    with ExitStack() as servers:
        found = {}
        sources = {"asgi": ASYNC_SERVER, "threading": THREADING_SERVER, "late": THREADING_SERVER}
        for kind, source in sources.items():
            program = tmp_path_factory.mktemp(kind) / "server.py"
            program.write_text(source)
            server = servers.enter_context(python(program, kind))
            assert server.stdout is not None
            found[kind] = int(server.stdout.readline())
        yield found


Pair = tuple[Callable[..., Any], WireProxy, Seen]
"""Tells a client what to do, the proxy that it goes through, and what that has written."""


@pytest.fixture
def pair(request: pytest.FixtureRequest, ports: dict[str, int], tmp_path: Path) -> Iterator[Pair]:
    kind, transports = getattr(request, "param", ("asgi", "polling,websocket"))
    program = tmp_path / "client.py"
    program.write_text(CLIENT)
    with (
        proxied(ports[kind]) as (proxy, address, seen),
        python(program, f"http://{address}", transports) as client,
    ):

        def tell(*command: Any) -> Any:
            assert client.stdin is not None and client.stdout is not None
            client.stdin.write(json.dumps(command) + "\n")
            client.stdin.flush()
            return json.loads(client.stdout.readline())

        yield tell, proxy, seen


@pytest.mark.parametrize(
    "pair",
    [("asgi", "websocket"), ("threading", "polling"), ("asgi", "polling,websocket"), ("late", "polling")],
    indirect=True,
)
def test_an_acknowledged_event_was_sent_and_received(pair: Pair) -> None:
    tell, proxy, seen = pair
    tell("connect", {"role": "producer", "token": "hush"}, ["/"])
    for number in (1, 2, 3):
        assert tell("call", "publish", step(number)) == {"ok": True, "seq": number}
    tell("leave")  # the library's `disconnect` says nothing by polling when its last request is not answered yet
    tell("disconnect")
    seen.wait(lambda: bool(seen.facts(Disconnected)))
    assert seen.keys(Hop.SENT) == seen.keys(Hop.RECEIVED) == ["s/1", "s/2", "s/3"]
    assert [fact["ok"] for fact in seen.facts(Acknowledged)] == [True] * 3
    [connected] = seen.facts(Connected)
    assert connected["role"] == "producer" and connected["namespace"] == "/"
    [gone] = seen.facts(Disconnected)
    assert gone["sid"] == connected["sid"]
    assert "hush" not in str(seen.records)
    state = proxy.state(PATIENCE_S)
    assert state is not None and (state.unanswered, state.members, state.troubles) == (0, (), ())


@pytest.mark.parametrize("pair", [("asgi", "websocket"), ("threading", "polling")], indirect=True)
def test_bytes_are_described_as_the_agent_does(pair: Pair) -> None:
    tell, _, seen = pair
    tell("connect", None, ["/"])
    tell("bytes")
    described = {"_bytes": 5, "sha1": "8cb2237d0679ca88db6464eac60da96345513964"}
    seen.wait(lambda: bool(seen.facts(Answered)))
    assert seen.facts(Requested)[0]["args"] == [{"type": "binary", "seq": 1, "data": described}]


def test_what_is_not_answered_was_sent_and_nothing_is_said_of_received(
    pair: Pair,
) -> None:
    tell, proxy, seen = pair
    tell("connect", None, ["/"])
    tell("emit", "publish", step(1, to={"room": "nobody"}))
    seen.wait(lambda: seen.keys(Hop.SENT) == ["s/1"])
    assert proxy.wait_quiet(0.2, PATIENCE_S) is not None
    assert seen.keys(Hop.RECEIVED) == []


def test_a_handler_that_raises_leaves_its_message_unanswered(pair: Pair) -> None:
    tell, proxy, seen = pair
    tell("connect", None, ["/"])
    tell("emit", "boom", "way", None)
    seen.wait(lambda: bool(seen.facts(Requested)))
    state = proxy.wait_quiet(0.2, PATIENCE_S)
    assert state is not None and len(state.members) == 1


def test_a_refused_client(pair: Pair) -> None:
    tell, _, seen = pair
    assert tell("connect", {"role": "stranger"}, ["/"]) == "ConnectionError"
    seen.wait(lambda: bool(seen.facts(ClientRefused)))
    [refused] = seen.facts(Refused)
    assert (refused["reason"], refused["role"]) == ("not you", "stranger")


def test_a_namespace_that_is_not_there(pair: Pair) -> None:
    tell, _, seen = pair
    assert tell("connect", None, ["/nowhere"]) == "ConnectionError"
    seen.wait(lambda: bool(seen.facts(Refused)))
    assert seen.facts(Refused)[0]["namespace"] == "/nowhere"


def test_the_canary_goes_to_the_server_and_back(tmp_path: Path) -> None:
    with serving(tmp_path) as server, proxied(server.port) as (proxy, address, _):
        assert proxy.why_dead(address, PATIENCE_S) is None
        server.process.kill()
        server.process.wait()
        why = proxy.why_dead(address, PATIENCE_S)
        assert why is not None and ("nothing came back" in why or "did not see its canary" in why)


class EngineAlone(socketserver.StreamRequestHandler):
    """As a Node.js server does that has no handler but Socket.IO's: other paths are never answered."""

    def handle(self) -> None:
        line = self.rfile.readline().decode()
        if line.startswith("GET /socket.io/?EIO=4&"):
            self.wfile.write(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        else:
            self.rfile.read()


def test_the_canary_comes_back_from_a_server_that_answers_nothing_but_socketio(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(proxy_module, "ANY_S", 0.05)
    with tcp(EngineAlone) as port, proxied(port) as (proxy, address, seen):
        assert [proxy.why_dead(address, PATIENCE_S) for _ in range(2)] == [None, None]
        assert not seen.records


def test_a_foreign_origin_is_turned_away(tmp_path: Path) -> None:
    with serving(tmp_path) as server, proxied(server.port) as (_, address, seen):
        with closing(http.client.HTTPConnection(address, timeout=PATIENCE_S)) as connection:
            connection.request("GET", "/socket.io/?EIO=4&transport=polling", headers={"Origin": "http://evil.example"})
            assert connection.getresponse().status == 400
        seen.wait(lambda: bool(seen.facts(Refused)))
        assert seen.facts(Refused)[0]["origin"] == "http://evil.example"


def test_quiet_is_waited_for_as_long_as_something_passes(tmp_path: Path) -> None:
    with serving(tmp_path) as server, proxied(server.port) as (proxy, _, _seen):
        began = time.monotonic()
        assert proxy.wait_quiet(0.05, PATIENCE_S) is not None
        assert time.monotonic() - began >= 0.05
        assert proxy.wait_quiet(1.0, 0.0) is None


class Answers(socketserver.StreamRequestHandler):
    """HTTP by hand: `/events` takes, `/closed` fails."""

    def handle(self) -> None:
        for line in self.rfile:
            path, size = line.split()[1].decode(), 0
            while (header := self.rfile.readline().strip()) != b"":
                if header.lower().startswith(b"content-length:"):
                    size = int(header.partition(b":")[2])
            self.rfile.read(size)
            status = "200 OK" if path == "/events" else "503 Busy"
            self.wfile.write(f"HTTP/1.1 {status}\r\nContent-Length: 2\r\n\r\n{{}}".encode())


@pytest.mark.parametrize(("path", "received"), [("/events", ["s/1", "s/2"]), ("/closed", [])])
def test_a_producer_that_posts(path: str, received: list[str]) -> None:
    with (
        tcp(Answers) as port,
        proxied(port, carrier=path) as (_, address, seen),
        closing(http.client.HTTPConnection(address, timeout=PATIENCE_S)) as connection,
    ):
        for number in (1, 2):
            connection.request("POST", path, json.dumps(step(number)), {"Content-Type": "application/json"})
            connection.getresponse().read()
        seen.wait(lambda: len(seen.facts(Acknowledged)) == 2)
        assert seen.keys(Hop.SENT) == ["s/1", "s/2"] and seen.keys(Hop.RECEIVED) == received
        told = [(fact["ok"], fact["error"]) for fact in seen.facts(Acknowledged)]
        assert told == [(True, None)] * 2 if received else [(False, "HTTP 503")] * 2
