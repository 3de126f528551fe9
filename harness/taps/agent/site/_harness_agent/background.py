"""What of the target's own code is still at work outside of handlers, and may yet emit: tasks, threads, timers.

A server may answer first and pass events on later: by a queue and a worker, an executor, a task, a timer. Whether such
a worker will emit can't be seen, only whether it waits for more work (in `Queue.get`, with nothing in the queue) or is
in the middle of some. What belongs to a library alone, as the loops that serve connections, is left out.
"""

from __future__ import annotations

import asyncio
import os
import queue
import sys
import threading
from collections.abc import Iterator
from types import CodeType, FrameType
from typing import Any

from . import where

SERVING = tuple(
    f"{os.sep}{name}{os.sep}"
    for name in (
        *("uvicorn", "hypercorn", "daphne", "granian", "aiohttp", "gunicorn", "waitress", "werkzeug", "eventlet"),
        *("gevent", "sanic", "tornado", "engineio", "socketio", "websockets", "simple_websocket", "twisted"),
    )
)
"""Packages whose loops serve connections. Code of the target that waits for one of them is the target's `main`."""

SERVING_FILES = tuple(f"{os.sep}{name}.py" for name in ("socketserver", "http/server", "wsgiref/simple_server"))
_ASYNC_GET, _GET = asyncio.Queue.get.__code__, queue.Queue.get.__code__


def working(tasks: Any, loops: Any, is_handler: Any) -> int:
    """How many parties of the target's own are at work. `tasks` are counted elsewhere, as those of handlers are."""
    return (
        sum(1 for loop in _copied(loops) for task in _all_tasks(loop) if task not in tasks and is_at_work(task))
        + sum(1 for loop in _copied(loops) for timer in _timers(loop) if _is_ours(timer))
        + (1 if _has_greenlets() else sum(1 for thread in threads() if not is_handler(thread)))
    )


def is_at_work(task: Any) -> bool:
    """Whether a task is the target's own and does not just wait for more work, or for connections."""
    if task.done():
        return False
    chain = list(awaited(task.get_coro()))
    ours = [place for place, (code, _) in enumerate(chain) if not where.is_foreign(code)]
    if not ours:
        return False
    rest = chain[ours[-1] + 1 :]
    return not (_serves(code for code, _ in rest) or _waits(rest, _ASYNC_GET))


def is_busy(thread: threading.Thread) -> bool:
    """Whether code of the target's own is at work in a thread."""
    if _has_greenlets():
        return True
    return _thread_is_at_work(thread, sys._current_frames().get(thread.ident or 0))


def threads() -> list[threading.Thread]:
    """The threads in which code of the target's own is at work, and timers that will run some. Not the main one."""
    frames, others = sys._current_frames(), (threading.main_thread(), threading.current_thread())
    return [t for t in threading.enumerate() if t not in others and _thread_is_at_work(t, frames.get(t.ident or 0))]


def _thread_is_at_work(thread: threading.Thread, frame: FrameType | None) -> bool:
    if isinstance(thread, threading.Timer) and not thread.finished.is_set():
        return _is_ours(thread.function)
    inner: list[tuple[CodeType, Any]] = []
    while frame is not None:  # from the innermost frame outwards
        if not where.is_foreign(frame.f_code):
            inner.reverse()
            return not (_serves(code for code, _ in inner) or _waits(inner, _GET))
        inner.append((frame.f_code, frame))
        frame = frame.f_back
    return False


def awaited(coroutine: Any) -> Iterator[tuple[CodeType, Any]]:
    """The code of a coroutine and of what it waits for, each with its frame, from the outside in."""
    for _ in range(200):
        code = getattr(coroutine, "cr_code", None) or getattr(coroutine, "gi_code", None)
        if code is None:
            return
        yield code, getattr(coroutine, "cr_frame", None) or getattr(coroutine, "gi_frame", None)
        coroutine = getattr(coroutine, "cr_await", None) or getattr(coroutine, "gi_yieldfrom", None)


def _serves(codes: Iterator[CodeType]) -> bool:
    return any(
        code.co_name in ("serve_forever", "wait_closed")
        or code.co_filename.endswith(SERVING_FILES)
        or any(name in code.co_filename for name in SERVING)
        for code in codes
    )


def _waits(chain: list[tuple[CodeType, Any]], get: CodeType) -> bool:
    """Whether it is in `Queue.get` of a queue that has nothing for it."""
    for code, frame in chain:
        if code is get and frame is not None:
            waited_for = frame.f_locals.get("self")
            return bool(waited_for is not None and waited_for.empty())
    return False


def _all_tasks(loop: Any) -> list[Any]:
    for _ in range(3):
        try:
            return list(asyncio.all_tasks(loop))
        except RuntimeError:  # the loop goes on meanwhile
            continue
    return []


def _timers(loop: Any) -> Iterator[Any]:
    """What the loop will call at some time. The loops of uvloop don't tell."""
    for handle in list(getattr(loop, "_scheduled", ())):
        if not handle.cancelled() and handle._callback is not None:
            yield handle._callback


def _is_ours(function: Any) -> bool:
    """Whether a function is the target's own, also as a method or with some of its arguments given."""
    for _ in range(10):
        inner = getattr(function, "func", None) or getattr(function, "__func__", None)
        if inner is None:
            break
        function = inner
    code = getattr(function, "__code__", None)
    return code is not None and not where.is_foreign(code)


def _has_greenlets() -> bool:
    """Whether threads may be greenlets: which of them is at work can't be told, as good as one always is.

    Their locks are for threads of their own alone: a call from the agent's thread may wait forever.
    """
    return "gevent.monkey" in sys.modules or "eventlet.patcher" in sys.modules


def _copied(loops: Any) -> list[Any]:
    for _ in range(3):
        try:
            return list(loops)
        except RuntimeError:  # another thread begins a loop
            continue
    return []
