"""Producers that a target file describes in place of a command: what they do, what they print, how they fail."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from harness.launch.acting import main


class Orders(BaseHTTPRequestHandler):
    """Takes every order but those for fish."""

    def do_POST(self) -> None:
        said = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.orders.append((self.path, self.headers["Content-Type"], said))  # type: ignore[attr-defined]
        self.send_response(503 if b"fish" in said else 202)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def orders() -> Iterator[HTTPServer]:
    with HTTPServer(("127.0.0.1", 0), Orders) as server:
        server.orders = []  # type: ignore[attr-defined]
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def ask(server: HTTPServer, *items: object) -> int:
    url = f"http://127.0.0.1:{server.server_port}/orders?now=1"
    said = [{"url": url, "method": "POST", "json": item, "event": "placed"} for item in items]
    return main([json.dumps({"requests": said})])


def test_requests_are_sent_one_by_one_and_reported_once_answered(
    orders: HTTPServer, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ask(orders, {"item": "tea"}, {"item": "soup"}) == 0
    sent = orders.orders  # type: ignore[attr-defined]
    assert sent[0] == ("/orders?now=1", "application/json", b'{"item": "tea"}') and len(sent) == 2
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert lines == [{"event": "placed", "data": {"item": item}} for item in ("tea", "soup")]


def test_a_request_that_is_refused_ends_the_producer(orders: HTTPServer, capsys: pytest.CaptureFixture[str]) -> None:
    assert ask(orders, {"item": "fish"}, {"item": "tea"}) == 1
    said = capsys.readouterr()
    assert said.out == "" and "/orders?now=1 was answered with status 503" in said.err


def test_a_request_without_an_answer_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    with HTTPServer(("127.0.0.1", 0), Orders) as server:
        port = server.server_port
    said = [{"url": f"http://127.0.0.1:{port}/", "method": "GET"}]
    assert main([json.dumps({"requests": said})]) == 1
    assert "was not answered" in capsys.readouterr().err


def test_lines_are_appended_and_printed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "events.log"
    file.write_text("before\n")
    assert main([json.dumps({"append": {"file": str(file), "lines": ["placed tea", "paid tea"]}})]) == 0
    assert file.read_text() == "before\nplaced tea\npaid tea\n"
    assert capsys.readouterr().out == "placed tea\npaid tea\n"
    assert main([json.dumps({"append": {"file": str(tmp_path / "no" / "file"), "lines": ["x"]}})]) == 1
    assert "nothing can be appended" in capsys.readouterr().err
