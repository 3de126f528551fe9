"""The reference server: starting, stopping, and who is let in."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import websocket

from tests.support.reference import PATIENCE_S, ROOT, Client, Refused, Server, serving


def test_says_where_it_listens_and_how_it_is(tmp_path: Path) -> None:
    with serving(tmp_path, "subscription") as server:
        assert re.fullmatch(r"Listening on http://127\.0\.0\.1:\d+ \(strategy subscription\)", server.greeting)
        with server.dashboard(), server.producer() as producer:
            producer.open("one")
            status, body = server.get("/health")
        found = json.loads(body)
        assert status == 200
        assert found == {"status": "ok", "strategy": "subscription", "sessions": 1, "dashboards": 1, "version": 1}
        assert server.get("/other")[0] == 404


def test_stops_at_once_although_clients_are_connected(tmp_path: Path) -> None:
    with serving(tmp_path) as server, server.dashboard() as a, server.dashboard(), server.producer():
        server.get("/socket.io/?EIO=4&transport=polling")
        started = time.monotonic()
        server.process.terminate()
        assert server.process.wait(PATIENCE_S) == 0
        assert time.monotonic() - started < 5, "it waited for its clients"
        with pytest.raises(websocket.WebSocketException):
            a.read_until(lambda: False)
        assert server.process.stdout is not None
        assert server.process.stdout.read() == "", "one line on standard output, and no more"
        assert "Traceback" not in server.log


def test_makes_a_token_that_only_its_owner_reads(server: Server) -> None:
    assert server.token_file.stat().st_mode & 0o777 == 0o600
    assert len(server.token_file.read_text().strip()) >= 32


def refused_start(folder: Path, *options: str) -> str:
    argv = [sys.executable, "-m", "fixtures.server", "--token-file", str(folder / "token"), *options]
    done = subprocess.run(argv, cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE_S, check=False)
    assert done.returncode == 2
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    return done.stderr


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604])
def test_refuses_a_token_that_others_may_read(tmp_path: Path, mode: int) -> None:
    (tmp_path / "token").write_text("secret-secret\n")
    (tmp_path / "token").chmod(mode)
    told = refused_start(tmp_path)
    assert "chmod 600" in told
    assert "secret" not in told


@pytest.mark.parametrize("content", [b"", b"\n", b"\xff\xfe", "tökén".encode(), b"two\x00parts"])
def test_refuses_a_token_file_without_a_token(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "token"
    path.write_bytes(content)
    path.chmod(0o600)
    assert "holds no token" in refused_start(tmp_path)


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--strategy", "telepathy"), "invalid choice"),
        (("--port", "70000"), "--port"),
        (("--port", "x"), "--port"),
        (("--lease-s", "-1"), "--lease-s"),
        (("--lease-s", "nan"), "--lease-s"),
        (("--journal-events", "0"), "--journal-events"),
        (("--transports", "pigeon"), "name websocket, polling or both"),
        (("--token-file", "/nowhere/at/all"), "No such file"),
    ],
)
def test_wrong_options_are_told(tmp_path: Path, options: tuple[str, ...], told: str) -> None:
    assert told in refused_start(tmp_path, *options)


def test_a_port_that_is_taken_is_told(tmp_path: Path, server: Server) -> None:
    assert f"can't listen on 127.0.0.1:{server.port}" in refused_start(tmp_path, "--port", str(server.port))


def test_offers_only_the_transports_it_is_told_to(tmp_path: Path) -> None:
    with serving(tmp_path, "broadcast", "--transports", "polling") as server:
        assert server.get("/socket.io/?EIO=4&transport=polling")[0] == 200
        with pytest.raises(websocket.WebSocketBadStatusException):
            server.dashboard()


@pytest.mark.parametrize(
    ("auth", "code"),
    [
        (None, "bad-role"),
        ([], "bad-role"),
        ("producer", "bad-role"),
        ({"role": "admin"}, "bad-role"),
        ({"role": ["producer"]}, "bad-role"),
        ({"role": "producer"}, "bad-token"),
        ({"role": "producer", "token": ""}, "bad-token"),
        ({"role": "producer", "token": "guess"}, "bad-token"),
        ({"role": "producer", "token": "\ud800"}, "bad-token"),
        ({"role": "producer", "token": 5}, "bad-token"),
        ({"role": "dashboard", "follow": [1]}, "bad-request"),
        ({"role": "dashboard", "follow": []}, "bad-request"),
        ({"role": "dashboard", "follow": {"a b": 1}}, "bad-request"),
        ({"role": "dashboard", "follow": {"a": True}}, "bad-request"),
        ({"role": "dashboard", "follow": {"a": -1}}, "bad-request"),
        ({"role": "dashboard", "follow": {f"s{i}": 0 for i in range(1_001)}}, "bad-request"),
    ],
)
def test_refuses_a_connection_and_says_why(server: Server, auth: Any, code: str) -> None:
    with pytest.raises(Refused) as refused:
        Client(server.url, auth)
    answer = refused.value.args[0]
    assert answer["data"]["code"] == code
    assert answer["message"]


@pytest.mark.parametrize(
    ("origin", "status"),
    [
        ("http://localhost:5175", 200),
        ("http://127.0.0.1:1", 200),
        ("https://[::1]:8443", 200),
        ("https://allowed.example", 200),
        ("https://allowed.example.evil.example", 400),
        ("http://evil.example", 400),
        ("http://localhost.evil.example", 400),
        ("http://127.0.0.1:80@evil.example", 400),
        ("http://127.0.0.1:x", 400),
        ("null", 400),
    ],
)
def test_pages_come_from_this_machine_or_are_allowed_by_name(origins: Server, origin: str, status: int) -> None:
    assert origins.get("/socket.io/?EIO=4&transport=polling", {"Origin": origin})[0] == status


@pytest.fixture(scope="module")
def origins(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving(
        tmp_path_factory.mktemp("origins"), "broadcast", "--allow-origin", "https://allowed.example"
    ) as server:
        yield server
