"""A producer with python-socketio's client."""

from __future__ import annotations

import contextlib
import os
import sys
from typing import Any

import socketio
from reporting import Reporter, events
from settings import WORLD, hits, is_in


def told(client: socketio.Client, name: str, data: Any) -> None:
    """Send, and wait for the answer; without one the shift goes on."""
    try:
        client.call(name, data, timeout=WORLD["patience_s"])
    except socketio.exceptions.TimeoutError:
        print(f"no answer to {name}", file=sys.stderr)


def lost(client: socketio.Client, name: str, data: Any) -> None:
    """Emit on a connection that isn't there any more, and say nothing of it."""
    with contextlib.suppress(socketio.exceptions.SocketIOError):
        client.emit(name, data)


def main(address: str, shift: str) -> int:
    reporter = Reporter()
    client = socketio.Client(reconnection=False)
    if is_in("wrong-address"):
        address = "http://127.0.0.1:9"
    try:
        client.connect(address, transports=["websocket"], namespaces=["/"])
        client.call("begin", shift, timeout=10)
    except socketio.exceptions.ConnectionError as unreached:
        print(f"not reached: {unreached}", file=sys.stderr)
    own = socketio.Server(async_mode="threading") if is_in("own-server") else None

    def send(name: str, arguments: list[Any]) -> None:
        data = arguments[0] if len(arguments) == 1 else tuple(arguments)
        if own is not None and hits("own-server", arguments):
            own.emit(name, data)
            return
        if hits("closes-early", arguments):
            client.disconnect()
        if not client.connected:
            lost(client, name, data)
            return
        reporter.sent(name, arguments)
        if WORLD["acknowledged"]:
            told(client, name, data)
        else:
            client.emit(name, data)

    for event in events(shift):
        reporter.report(event, send)
    if client.connected:
        client.call("bye", timeout=10)
        client.disconnect()
    return reporter.status()


if __name__ == "__main__":
    status = main(*sys.argv[1:])
    sys.stdout.flush()
    os._exit(status) if status else None
