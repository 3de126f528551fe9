"""Flask-SocketIO with threads."""

from __future__ import annotations

import logging
import os
from typing import Any

from flask import Flask, Response, request
from flask_socketio import SocketIO
from passing_threads import Passing
from web import answer

logging.getLogger("werkzeug").setLevel(logging.ERROR)
app = Flask(__name__)
queue = os.environ.get("REDIS")
socketio = SocketIO(app, async_mode="threading", async_handlers=False, cors_allowed_origins="*", message_queue=queue)
sio: Any = socketio.server
passing = Passing(sio, os.environ.get("NAME", "server"))


@app.route("/", defaults={"path": ""}, methods=["GET", "POST"])
@app.route("/<path:path>", methods=["GET", "POST"])
def web(path: str) -> Response:
    """Everything that isn't Socket.IO."""
    query = request.query_string.decode()
    status, kind, content = answer(request.method, f"/{path}", query, request.get_data(), passing.publish)
    return Response(content, status, {"Access-Control-Allow-Origin": "*"}, content_type=kind)


if __name__ == "__main__":
    passing.start()
    if queue:
        sio.manager_initialized = True
        sio.manager.initialize()
    socketio.run(app, host="127.0.0.1", port=int(os.environ["PORT"]), allow_unsafe_werkzeug=True)
