"""Where the versions of python-socketio and python-engineio keep the classes that the agent watches.

Checked against python-socketio 5.8.0 to 5.18.1. Until 5.9 the asynchronous classes lived in modules called `asyncio_…`
and the synchronous manager was BaseManager itself.
"""

from __future__ import annotations

import sys
from typing import Any

_PLACES: dict[str, tuple[tuple[str, str], ...]] = {
    "Server": (("socketio.server", "Server"),),
    "AsyncServer": (("socketio.async_server", "AsyncServer"), ("socketio.asyncio_server", "AsyncServer")),
    "BaseManager": (("socketio.base_manager", "BaseManager"),),
    "Manager": (("socketio.manager", "Manager"), ("socketio.base_manager", "BaseManager")),
    "AsyncManager": (("socketio.async_manager", "AsyncManager"), ("socketio.asyncio_manager", "AsyncManager")),
    "PubSubManager": (("socketio.pubsub_manager", "PubSubManager"),),
    "AsyncPubSubManager": (
        ("socketio.async_pubsub_manager", "AsyncPubSubManager"),
        ("socketio.asyncio_pubsub_manager", "AsyncPubSubManager"),
    ),
    "Client": (("socketio.client", "Client"),),
    "AsyncClient": (("socketio.async_client", "AsyncClient"), ("socketio.asyncio_client", "AsyncClient")),
    "EngineIOSocket": (("engineio.socket", "Socket"),),
    "EngineIOAsyncSocket": (("engineio.async_socket", "AsyncSocket"), ("engineio.asyncio_socket", "AsyncSocket")),
    "EngineIOServer": (("engineio.base_server", "BaseServer"), ("engineio.server", "Server")),
}


def find(name: str) -> Any:
    """The class in this process, or None."""
    for module, attribute in _PLACES[name]:
        found = getattr(sys.modules.get(module), attribute, None)
        if found is not None:
            return found
    return None


def classes(*names: str) -> list[Any]:
    """Those of the classes that this process has."""
    return [found for name in names if (found := find(name)) is not None]


def definer(cls: Any, method: str) -> Any:
    """The class that defines a method of `cls`, or None."""
    for owner in getattr(cls, "__mro__", ()):
        if method in vars(owner):
            return owner
    return None
