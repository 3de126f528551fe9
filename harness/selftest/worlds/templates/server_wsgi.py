"""python-socketio as a WSGI application with a thread for each request."""

from __future__ import annotations

import os
from typing import Any

import socketio
from passing_threads import Passing
from web import answer
from werkzeug.serving import WSGIRequestHandler, run_simple

redis = os.environ.get("REDIS")
manager = socketio.RedisManager(redis) if redis else None
sio = socketio.Server(
    async_mode="threading", async_handlers=False, cors_allowed_origins="*", client_manager=manager, namespaces=["/"]
)
passing = Passing(sio, os.environ.get("NAME", "server"))


def web(environ: Any, start_response: Any) -> list[bytes]:
    """Everything that isn't Socket.IO."""
    body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    method, path, query = environ["REQUEST_METHOD"], environ["PATH_INFO"], environ["QUERY_STRING"]
    status, kind, content = answer(method, path, query, body, passing.publish)
    start_response(f"{status} -", [("Content-Type", kind), ("Access-Control-Allow-Origin", "*")])
    return [content]


class Quiet(WSGIRequestHandler):
    """Logs no requests."""

    def log_request(self, *_: Any) -> None:
        pass


if __name__ == "__main__":
    passing.start()
    if manager is not None:
        sio.manager_initialized = True
        manager.initialize()
    app = socketio.WSGIApp(sio, web)
    run_simple("127.0.0.1", int(os.environ["PORT"]), app, threaded=True, request_handler=Quiet)
