"""What the target's own code raises outside of handlers, in a thread or a task: the library says nothing of it."""

from __future__ import annotations

import asyncio
import sys
import threading
from typing import Any

from . import where
from .encode import text
from .patching import replace, watch
from .serving import describe
from .wire import Wire


def watch_failures(wire: Wire) -> bool:
    """Have threads and loops tell of uncaught exceptions; whether that can be seen here."""
    return _watch_threads(wire) and _watch_loops(wire)


def tell_kept(wire: Wire, failed: Any) -> None:
    """Tell of tasks that failed by themselves, at their time: asyncio is silent about them while they are referenced.

    `failed` maps them to when they did, in nanoseconds. Those that are told are taken out.
    """
    for task, at_ns in list(failed.items()):
        error = getattr(task, "_exception", None)
        if getattr(task, "_log_traceback", False) and error is not None:
            failed.pop(task, None)
            _tell(wire, "task", error, at_ns)


def _watch_threads(wire: Wire) -> bool:
    original = threading.excepthook

    def excepthook(args: Any, /) -> Any:
        try:
            if not wire.silent and args.exc_value is not None:
                _tell(wire, "thread", args.exc_value)
        except Exception as error:  # the target must never suffer from its observer
            wire.trouble("raised", error)
        return original(args)

    threading.excepthook = excepthook
    return True


def _watch_loops(wire: Wire) -> bool:
    def failed(_me: Any, context: Any) -> None:
        error = context.get("exception")
        if isinstance(error, BaseException):
            _tell(wire, "task", error)

    done = replace(asyncio.BaseEventLoop, "call_exception_handler", watch(wire, failed))
    loop = getattr(sys.modules.get("uvloop"), "Loop", None)
    if loop is not None:
        original = loop.call_exception_handler

        def call_exception_handler(me: Any, context: Any) -> Any:
            try:
                failed(me, context)
            except Exception as error:  # as above
                wire.trouble("raised", error)
            return original(me, context)

        loop.call_exception_handler = call_exception_handler
    return done


def _tell(wire: Wire, inside: str, error: BaseException, at_ns: int | None = None) -> None:
    """Only of what comes from the target's own code: libraries' threads fail when connections end, too."""
    if where.is_of_target(error):
        place = text(where.of_error(error))
        wire.put("raised", f'"in":"{inside}","error":{text(describe(error))},"where":{place}', at_ns)
