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
    "RedisManager": (("socketio.redis_manager", "RedisManager"),),
    "AsyncRedisManager": (
        ("socketio.async_redis_manager", "AsyncRedisManager"),
        ("socketio.asyncio_redis_manager", "AsyncRedisManager"),
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


def lacks_method(server: Any, event: Any, namespace: Any = None) -> bool:
    """Whether an event came to a class of a namespace that has no method of its name: the library drops it in silence.

    Not of a class that chooses its methods itself (`trigger_event`), nor where a function handles the event.
    """
    try:
        for space in (namespace, "*"):
            handlers = server.handlers.get(space) or ()
            if event in handlers or "*" in handlers:
                return False
        classes_of = server.namespace_handlers
        handler = classes_of.get(namespace) or classes_of.get("*")
        owner = definer(type(handler), "trigger_event")
    except Exception:  # the target must never suffer from its observer
        return False
    is_library = owner is not None and owner.__module__.partition(".")[0] in ("socketio", "flask_socketio")
    return is_library and not hasattr(handler, f"on_{event}")
