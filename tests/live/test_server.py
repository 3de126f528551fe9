"""The page of `harness watch` answers its own page and no other."""

from __future__ import annotations

import http.client
import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.live.feed import Feed
from harness.live.runner import Runner
from harness.live.server import HEADER, HOST, Server

OWN = {HEADER: "1"}


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    runner = Runner([sys.executable, "-c", "import signal; signal.pause()"], ("broadcast",), lambda: None)
    (tmp_path / "runs" / "one").mkdir(parents=True)
    (tmp_path / "runs" / "one" / "run.html").write_text("<!doctype html>one")
    (tmp_path / "run.html").write_text("secret")
    with Server(Feed(lambda: runner.told), runner, tmp_path / "runs") as server:
        yield server
    runner.close()


def ask(
    server: Server, method: str, path: str, body: str = "", **headers: str
) -> tuple[int, str, http.client.HTTPMessage]:
    """Status, body and headers of an answer."""
    connection = http.client.HTTPConnection(HOST, int(server.url.rstrip("/").rpartition(":")[2]), timeout=20)
    try:
        connection.request(
            method, path, body or None, {name.replace("_", "-"): value for name, value in headers.items()}
        )
        answer = connection.getresponse()
        return answer.status, answer.read().decode(), answer.headers
    finally:
        connection.close()


def test_the_page_may_load_nothing_but_its_own_files(server: Server) -> None:
    status, text, headers = ask(server, "GET", "/")
    assert (status, text[:15]) == (200, "<!doctype html>")
    assert headers["Content-Security-Policy"].startswith("default-src 'none'; script-src 'self'")
    assert "unsafe" not in headers["Content-Security-Policy"]
    for path in ("/watch.js", "/watch.css", "/run.css"):
        assert ask(server, "GET", path)[0] == 200
        assert path in text


def test_a_foreign_name_that_leads_here_is_refused(server: Server) -> None:
    for path in ("/", "/news", "/runs/one/run.html"):
        assert ask(server, "GET", path, Host="evil.test")[0] == 403
    assert ask(server, "GET", "/", Origin="http://evil.test")[0] == 403


def test_only_the_page_itself_may_start_a_run(server: Server) -> None:
    wanted = json.dumps({"strategies": ["broadcast"]})
    assert ask(server, "POST", "/run", wanted)[0] == 403
    assert ask(server, "POST", "/run", wanted, **OWN, Origin="http://evil.test")[0] == 403
    assert server.runner.told["running"] is False
    assert ask(server, "POST", "/run", wanted, **OWN, Origin=server.url.rstrip("/"))[0] == 200
    assert server.runner.told["running"] is True


@pytest.mark.parametrize(
    "body", ['{"strategies": ["--target=/etc/passwd"]}', '{"strategies": "broadcast"}', "{}", "[]", "no json", ""]
)
def test_what_is_not_a_strategy_that_is_watched_is_refused(server: Server, body: str) -> None:
    assert ask(server, "POST", "/run", body, **OWN)[0] == 400
    assert server.runner.told["running"] is False


def test_pages_of_runs_are_served_and_nothing_beside_them(server: Server) -> None:
    assert ask(server, "GET", "/runs/one/run.html")[1] == "<!doctype html>one"
    for path in (
        "/runs/../run.html",
        "/runs/%2e%2e/run.html",
        "/runs/one/run.ledger",
        "/runs/one%2f..%2f../run.html",
        "/x",
    ):
        assert ask(server, "GET", path)[0] == 404


def test_a_taken_port_is_told(server: Server) -> None:
    with pytest.raises(OSError, match="in use"):
        Server(server.feed, server.runner, server.runs, int(server.url.rstrip("/").rpartition(":")[2]))
