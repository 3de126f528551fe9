"""python-socketio in an aiohttp application."""

from __future__ import annotations

import os

import socketio
from aiohttp import web as aio
from passing_async import Passing
from web import answer

redis = os.environ.get("REDIS")
manager = socketio.AsyncRedisManager(redis) if redis else None
sio = socketio.AsyncServer(
    async_mode="aiohttp", async_handlers=False, cors_allowed_origins="*", client_manager=manager, namespaces=["/"]
)
passing = Passing(sio, os.environ.get("NAME", "server"))


async def web(request: aio.Request) -> aio.Response:
    """Everything that isn't Socket.IO."""
    body = await request.read()
    status, kind, content = answer(request.method, request.path, request.query_string, body, passing.publish)
    headers = {"content-type": kind, "access-control-allow-origin": "*"}
    return aio.Response(status=status, body=content, headers=headers)


async def begin(_app: aio.Application) -> None:
    """Start the worker, and listen to Redis before the first page comes."""
    await passing.start()
    if manager is not None:
        sio.manager_initialized = True
        manager.initialize()


if __name__ == "__main__":
    app = aio.Application()
    sio.attach(app)
    app.add_routes([aio.route("*", "/{path:.*}", web)])
    app.on_startup.append(begin)
    aio.run_app(app, host="127.0.0.1", port=int(os.environ["PORT"]), print=None, shutdown_timeout=1)
