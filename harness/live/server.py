"""The page of `harness watch` over HTTP, on this machine alone.

What a run says may be hostile, and so may be a page of another site that is open in the same browser: only this page's
own script runs, only requests that name this very address are answered (not a foreign name that leads here), and
what changes something needs a header that a foreign page may not send.
"""

from __future__ import annotations

import json
import threading
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.resources import files
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from harness.lib.closing import Closing
from harness.live.feed import Feed
from harness.live.runner import Runner

HOST = "127.0.0.1"
HEADER = "X-Harness-Watch"
LARGEST = 4096
"""Bytes of what a page may ask at once."""

PING_S = 10.0
"""A line without news, after which a page that is gone is noticed."""

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_STATIC = files("harness.live") / "static"
ASSETS = {
    "/": ("text/html; charset=utf-8", _STATIC / "watch.html"),
    "/watch.js": ("text/javascript; charset=utf-8", _STATIC / "watch.js"),
    "/watch.css": ("text/css; charset=utf-8", _STATIC / "watch.css"),
    "/run.css": ("text/css; charset=utf-8", files("harness.reporting.page") / "static" / "run.css"),
}


ENDS_WITHIN_S = 0.05
"""So soon the server notices that it is closed; by default it looks twice a second."""


class Server(Closing):
    """Serves the page until it is closed."""

    def __init__(self, feed: Feed, runner: Runner, runs: Path, port: int = 0) -> None:
        """`runs` is the folder of all runs, whose pages are served, too. Raises OSError where the port is taken."""
        self.feed, self.runner, self.runs = feed, runner, runs
        self._http = _Http((HOST, port), _Request)
        self._http.owner = self
        serve = self._http.serve_forever
        self._thread = threading.Thread(target=serve, args=(ENDS_WITHIN_S,), name="watch", daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        """Where the page is."""
        return f"http://{HOST}:{self._http.server_port}/"

    def close(self) -> None:
        """Stop serving. Closing again does nothing."""
        self.feed.close()
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()


class _Http(ThreadingHTTPServer):
    daemon_threads = True
    owner: Server


class _Request(BaseHTTPRequestHandler):
    server: _Http
    protocol_version = "HTTP/1.1"
    timeout = 30

    def do_GET(self) -> None:
        path = urlsplit(self.path).path
        if not self._is_meant():
            self._refuse(HTTPStatus.FORBIDDEN, "this address is not the one that is served")
        elif path in ASSETS:
            kind, file = ASSETS[path]
            self._answer(kind, file.read_bytes(), {"Content-Security-Policy": POLICY})
        elif path == "/news":
            self._tell_news()
        elif (page := self._run_page(path)) is not None:
            self._answer("text/html; charset=utf-8", page.read_bytes())  # its own policy is in it
        else:
            self._refuse(HTTPStatus.NOT_FOUND, "there is nothing here")

    def do_POST(self) -> None:
        runner = self.server.owner.runner
        if not self._is_meant() or self.headers.get(HEADER) is None:
            self._refuse(HTTPStatus.FORBIDDEN, f"only the page itself may ask this (header {HEADER})")
            return
        try:
            asked = json.loads(self.rfile.read(min(int(self.headers.get("Content-Length") or 0), LARGEST)))
            if self.path == "/run":
                runner.run(_known(asked["strategies"], runner.strategies))
            elif self.path == "/follow":
                runner.follow_changes(asked["follow"] is True)
            else:
                self._refuse(HTTPStatus.NOT_FOUND, "there is nothing here")
                return
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            self._refuse(HTTPStatus.BAD_REQUEST, f"not understood: {type(error).__name__}")
            return
        self._answer("application/json", b"{}")

    def _is_meant(self) -> bool:
        """Whether the request names this address: a foreign page that leads here by a name of its own does not."""
        port = self.server.server_port
        own = {f"{HOST}:{port}", f"localhost:{port}"}
        origin = self.headers.get("Origin")
        return self.headers.get("Host") in own and (origin is None or origin.removeprefix("http://") in own)

    def _run_page(self, path: str) -> Path | None:
        """The page of a run, `/runs/NAME/run.html`; None for anything else, and for what lies elsewhere."""
        match path.split("/"):
            case ["", "runs", name, "run.html"]:
                runs = self.server.owner.runs.resolve()
                file = (runs / unquote(name) / "run.html").resolve()
                return file if file.parent.parent == runs and file.is_file() else None
        return None

    def _tell_news(self) -> None:
        """Server-sent events, until the page is closed."""
        self.send_response(HTTPStatus.OK)
        for name, value in {
            "Content-Type": "text/event-stream",
            "Cache-Control": "no-store",
            "Connection": "close",
        }.items():
            self.send_header(name, value)
        self.end_headers()
        self.close_connection = True
        feed, number = self.server.owner.feed, -1
        try:
            while not feed.is_closed:
                news = feed.newer(number, PING_S)
                number, told = (number, ": nothing new") if news is None else (news[0], f"data: {news[1]}")
                self.wfile.write(f"{told}\n\n".encode())
        except OSError:
            pass  # the page was closed

    def _answer(self, kind: str, body: bytes, more: dict[str, str] | None = None) -> None:
        self.send_response(HTTPStatus.OK)
        self._headers({"Content-Type": kind, **(more or {})}, body)

    def _refuse(self, status: HTTPStatus, why: str) -> None:
        self.close_connection = True  # what it sent was not read
        self.send_response(status)
        self._headers({"Content-Type": "text/plain; charset=utf-8", "Connection": "close"}, f"{why}\n".encode())

    def _headers(self, headers: dict[str, str], body: bytes) -> None:
        fixed = {
            "Content-Length": str(len(body)), "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "no-referrer", "Cross-Origin-Resource-Policy": "same-origin",
        }  # fmt: skip
        for name, value in {**fixed, **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Nothing: the terminal is for what people want to know."""


def _known(wanted: list[str], strategies: tuple[str, ...]) -> list[str]:
    """Strategies that the page asks for. Raises ValueError for what is not among those that are watched."""
    if not isinstance(wanted, list) or any(each not in strategies for each in wanted):
        raise ValueError("no strategy that is watched here")
    return wanted
