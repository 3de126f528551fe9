"""Handlers that have begun and not ended: which, for how long, and where each of them stands."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator
from time import monotonic_ns
from types import CodeType, FrameType
from typing import Any

from . import background, where
from .encode import text
from .wire import get_ident  # the thread's, taken before gevent or eventlet put that of greenlets in its place

HUBS = ("gevent", "gevent_uwsgi", "eventlet")
"""Modes in which all greenlets of a server run in one thread, which others must wake."""

MOST = 20
"""So many of those that stand still are told, the oldest first."""


class Run:
    """A handler that runs for a client's message."""

    __slots__ = ("began_ns", "by", "event", "server", "sid")

    def __init__(self, server: Any, sid: str, event: Any) -> None:
        self.server, self.sid, self.event, self.began_ns = server, sid, event, monotonic_ns()
        self.by = _current()


def told(runs: Any) -> str:
    """JSON: what runs, the oldest first. `runs` are Run, and None for those that are scheduled and did not begin."""
    began = sorted((run for run in runs if run is not None), key=lambda run: run.began_ns)
    now_ns = monotonic_ns()
    return "[" + ",".join(_told(run, now_ns) for run in began[:MOST]) + "]"


def _told(run: Run, now_ns: int) -> str:
    place = _stands(run)
    return (
        f'{{"sid":{text(run.sid)},"event":{text(run.event)},"ms":{(now_ns - run.began_ns) / 1e6:.1f},'
        f'"where":{text(place)}}}'
    )


def _current() -> Any:
    """The task that runs in this thread's loop, or the thread."""
    loop = asyncio._get_running_loop()
    return get_ident() if loop is None else asyncio.current_task(loop)


def _stands(run: Run) -> str | None:
    """The innermost line of the target's own that a handler has come to; else where the handler begins."""
    if isinstance(run.by, int):
        places = [] if is_of_hub(run.server) else [*_frames(run.by)]
    else:
        chain = list(background.awaited(run.by.get_coro())) if run.by is not None else []
        places = [(code, frame.f_lineno) for code, frame in reversed(chain) if frame is not None]
    own = next((place for place in places if not where.is_foreign(place[0])), None)
    return where.of_line(*own) if own is not None else handler_of(run.server, run.event)


def _frames(thread: int) -> Iterator[tuple[CodeType, int]]:
    """What a thread is in, from the inside out."""
    frame: FrameType | None = sys._current_frames().get(thread)
    while frame is not None:
        yield frame.f_code, frame.f_lineno
        frame = frame.f_back


def is_of_hub(server: Any) -> bool:
    """Whether a server's handlers are greenlets, of which a thread has many."""
    return getattr(server, "async_mode", None) in HUBS


def handler_of(server: Any, event: Any) -> str | None:
    """Where a server's handler of an event is, in whatever namespace."""
    for function in _handlers(server, event):
        code = getattr(getattr(function, "__wrapped__", function), "__code__", None)
        if code is not None and not where.is_foreign(code):
            return where.of_code(code)
    return None


def _handlers(server: Any, event: Any) -> Iterator[Any]:
    for handlers in server.handlers.values():
        for name in (event, "*"):
            if name in handlers:
                yield handlers[name]
    for namespace in server.namespace_handlers.values():
        function = getattr(namespace, f"on_{event}", None)
        if function is not None:
            yield function
