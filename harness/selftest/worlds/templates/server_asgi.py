"""python-socketio as an ASGI application, served by uvicorn."""

from __future__ import annotations

import os
from typing import Any

import socketio
import uvicorn
from passing_async import Passing
from web import answer

NAME = os.environ.get("NAME", "server")
redis = os.environ.get("REDIS")
manager = socketio.AsyncRedisManager(redis) if redis else None
sio = socketio.AsyncServer(
    async_mode="asgi", async_handlers=False, cors_allowed_origins="*", client_manager=manager, namespaces=["/"]
)
passing = Passing(sio, NAME)


async def web(scope: Any, receive: Any, send: Any) -> None:
    """Everything that isn't Socket.IO."""
    body = b""
    while True:
        message = await receive()
        body += message.get("body", b"")
        if not message.get("more_body"):
            break
    query = scope["query_string"].decode()
    status, kind, content = answer(scope["method"], scope["path"], query, body, passing.publish)
    headers = [(b"content-type", kind.encode()), (b"access-control-allow-origin", b"*")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": content})


async def begin() -> None:
    """Start the worker, and listen to Redis before the first page comes."""
    await passing.start()
    if manager is not None:
        sio.manager_initialized = True
        manager.initialize()


if __name__ == "__main__":
    app = socketio.ASGIApp(sio, other_asgi_app=web, on_startup=begin)
    uvicorn.run(app, host="127.0.0.1", port=int(os.environ["PORT"]), timeout_graceful_shutdown=1, log_level="warning")
