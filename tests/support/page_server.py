"""A Socket.IO server in a thread, with the pages of `pages/`: what the tests of the page tap speak to."""

from __future__ import annotations

import asyncio
import os
import socket
import threading
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, TypeVar

import socketio
import uvicorn

if TYPE_CHECKING:
    from playwright.sync_api import Page

T = TypeVar("T")
ROOT = Path(__file__).parents[2]
PAGES = Path(__file__).parent / "pages"
CLIENTS = "fixtures/dashboard/node_modules/socket.io-client/dist"
PATIENCE_S = 20.0
HELD = """void setTimeout(() => {
  const request = new XMLHttpRequest();
  request.open("GET", "/held", false);
  request.send();
}, 0)"""


def client_bundle(name: str = "socket.io.min.js") -> Path:
    """A build of the browser's Socket.IO client, from the dashboard's dependencies or where `SOCKETIO_CLIENT_JS` is."""
    bundle = Path(os.environ.get("SOCKETIO_CLIENT_JS") or ROOT / CLIENTS / name).with_name(name)
    if not bundle.is_file():
        raise FileNotFoundError(f"{bundle}: no Socket.IO client; install the dashboard's packages (npm ci) first.")
    return bundle


class PageServer:
    """Serves on a free loopback port; `sio` is the python-socketio server, `run` runs a coroutine in its loop."""

    def __init__(self, **options: Any) -> None:
        self.sio = socketio.AsyncServer(async_mode="asgi", cors_allowed_origins=[], **options)
        self.client = "socket.io.msgpack.min.js" if options.get("serializer") == "msgpack" else "socket.io.min.js"
        self.demanded_header: tuple[bytes, bytes] | None = None
        """A header that every request to the Socket.IO server must have, or it is answered 401."""
        self.sids: list[str] = []
        self.on_connect: Callable[[str], Awaitable[None]] | None = None
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self.sio.eio.cors_allowed_origins = [self.url]
        self.takes_websockets = True
        self._is_held, self._released = threading.Event(), asyncio.Event()
        self.posts_at_once = 0
        self._posts = 0
        self._app = socketio.ASGIApp(self.sio, other_asgi_app=self._page)
        config = uvicorn.Config(
            self._front, interface="asgi3", log_level="error", lifespan="off", timeout_graceful_shutdown=1
        )
        self._server = uvicorn.Server(config)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._serve, name="page-server")
        self.sio.on("connect", self._connected)
        self.sio.on("subscribe", self._subscribe)

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine in the server's loop and wait for its result."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(PATIENCE_S)

    def call_soon(self, work: Callable[[], object]) -> None:
        """Have the server's loop do something, and don't wait for it."""
        self._loop.call_soon_threadsafe(work)

    def emit(self, *events: tuple[str, Any], namespace: str = "/") -> None:
        """Emit events to all clients, in one go; they are queued for every client when this returns."""

        async def blast() -> None:
            for name, payload in events:
                await self.sio.emit(name, payload, namespace=namespace)

        self.run(blast())

    @contextmanager
    def holding(self, page: Page) -> Iterator[None]:
        """A script of the page goes on for as long as the block does: it waits for an answer that doesn't come."""
        page.evaluate(HELD)
        assert self._is_held.wait(PATIENCE_S), "the page's script did not begin"
        try:
            yield
        finally:
            self.call_soon(self._released.set)

    async def _connected(self, sid: str, *_: Any) -> None:
        self.sids.append(sid)
        await self.sio.emit("connection:established", {"session": None, "seq": None, "data": {}}, to=sid)
        if self.on_connect is not None:
            await self.on_connect(sid)

    async def _subscribe(self, _: str, body: dict[str, Any]) -> dict[str, Any]:
        return {"ok": True, "session": body["session"], "token": "s3cret"}

    async def _front(self, scope: Any, receive: Any, send: Any) -> None:
        is_post = scope.get("method") == "POST"
        self._posts += is_post
        self.posts_at_once = max(self.posts_at_once, self._posts)
        try:
            if scope["type"] == "websocket" and not self.takes_websockets:
                await send({"type": "websocket.close"})
                return
            is_engine = scope["path"].startswith("/socket.io/") and scope["type"] == "http"
            if is_engine and self.demanded_header and self.demanded_header not in scope["headers"]:
                await _answer(send, 401, b"text/plain", b"who are you?")
                return
            if is_post:
                await asyncio.sleep(0)  # a post at the same time gets in between here
            await self._app(scope, receive, send)
        finally:
            self._posts -= is_post

    async def _page(self, scope: Any, _: Any, send: Any) -> None:
        if scope["type"] == "websocket":
            await send({"type": "websocket.close"})
            return
        name = scope["path"].strip("/")
        if name == "held":
            self._is_held.set()
            await self._released.wait()
        bundles = {"socket.io.min.js": self.client, "socket.io.esm.min.js": "socket.io.esm.min.js"}
        file = client_bundle(bundles[name]) if name in bundles else PAGES / name
        status, body = (200, file.read_bytes()) if file.is_file() else (404, b"")
        kind = b"text/javascript" if file.suffix in (".js", ".mjs") else b"text/html; charset=utf-8"
        await _answer(send, status, kind, body)

    def _serve(self) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            self._loop.run_until_complete(self._server.serve(sockets=[self._listener]))
            self._loop.run_until_complete(self._cancel_rest())
        finally:
            self._loop.close()
            self._listener.close()

    async def _cancel_rest(self) -> None:
        rest = asyncio.all_tasks() - {asyncio.current_task()}
        for task in rest:
            task.cancel()
        await asyncio.gather(*rest, return_exceptions=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.should_exit = True
        self._thread.join(PATIENCE_S)
        assert not self._thread.is_alive(), "the page server did not stop"


async def _answer(send: Any, status: int, kind: bytes, body: bytes) -> None:
    await send({"type": "http.response.start", "status": status, "headers": [(b"content-type", kind)]})
    await send({"type": "http.response.body", "body": body})
