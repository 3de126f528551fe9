"""Event loops that stand still: what runs in them for long, and who emits from outside of them."""

from __future__ import annotations

import asyncio
import threading
from time import monotonic
from typing import Any

from . import where
from .encode import text
from .patching import hide_frame, is_coroutine_function, replace
from .running import handler_of, is_of_hub
from .state import REQUEST, Seen
from .wire import Wire, get_ident  # the thread's, taken before gevent or eventlet put that of greenlets in its place

BLOCKED_S = 0.1
"""What keeps a loop for longer is told. A frame of a page takes 16 ms, a handler without waiting 1 ms."""

THREADS: dict[int, Any] = getattr(threading, "_active", {})
"""The threads that run, by their identity; gevent and eventlet keep theirs there too."""


def watch_loops(wire: Wire, seen: Seen) -> bool:
    """Have the loops tell what kept them; whether that can be seen here."""

    def make(original: Any) -> Any:
        def _run(self: Any) -> None:
            seen.began = None
            before = monotonic()
            try:
                original(self)
            except BaseException as error:
                hide_frame(error)
                raise
            took = monotonic() - before
            if took > BLOCKED_S and not wire.silent:
                try:
                    _tell(wire, seen, self, took)
                except Exception as error:  # the target must never suffer from its observer
                    wire.trouble("blocked", error)

        return _run

    return replace(asyncio.Handle, "_run", make)


def _tell(wire: Wire, seen: Seen, handle: Any, took: float) -> None:
    context = getattr(handle, "_context", None)
    request: Any = seen.began or (None if context is None else context.get(REQUEST))
    if request is not None:
        sid, event = request[:2]
        place = _handler(seen, event)
    else:
        sid = event = None
        place = _task(getattr(handle, "_callback", None))
    wire.put("blocked", f'"ms":{took * 1000:.1f},"sid":{text(sid)},"event":{text(event)},"where":{text(place)}')


def _handler(seen: Seen, event: Any) -> str | None:
    """Where the handler of an event is, at whatever server."""
    return next((place for server in list(seen.servers) if (place := handler_of(server, event)) is not None), None)


def _task(callback: Any) -> str | None:
    """Where the function of a task, or a callback, is."""
    task: Any = getattr(callback, "__self__", None)
    coroutine = task.get_coro() if hasattr(task, "get_coro") else None
    code = getattr(coroutine, "cr_code", None) or getattr(callback, "__code__", None)
    return None if code is None else where.of_code(code)


def home(server: Any) -> Any:
    """The loop that is running for a server of asyncio, the thread for one of greenlets; None for one of threads."""
    if is_coroutine_function(type(server).handle_request):
        loop = asyncio._get_running_loop()
        return None if loop is None else id(loop)
    return get_ident() if is_of_hub(server) else None


def foreigner(seen: Seen, server: Any) -> str | None:
    """The thread that calls a server from outside of its loop, by its name; None where the call comes from inside."""
    at_home = seen.homes.get(server) if server is not None else None
    if at_home is None or home(server) == at_home:
        return None
    thread = THREADS.get(threading.get_ident())  # `current_thread` would make one where there is none
    return "a thread" if thread is None else str(thread.name)
