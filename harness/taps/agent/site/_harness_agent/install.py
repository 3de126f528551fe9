"""Find python-socketio's classes by their names, whichever version this is, and put the hooks in."""

from __future__ import annotations

import asyncio
import atexit
import os
import signal
import sys
from _json import encode_basestring_ascii as quote
from typing import Any

from . import client, failures, loops, routing, serving, state, unawaited
from .patching import replace
from .wire import Wire

OF_ENGINE_3 = ("0.", "1.", "2.", "3.", "4.")
"""How versions of python-socketio begin that speak Engine.IO 3, as socket.io 2 does: they are not watched."""

PATIENCE_S = 10.0
"""How long the end of the process waits for a harness that takes nothing.

One that is alive takes what it can get; with ten busy processes to a core it has been seen to take none for four
seconds. One that has gone closes the connection, and is not waited for at all.
"""


def install(wire: Wire) -> None:
    """Watch python-socketio in this process, say which hooks are in place, and answer the harness from now on."""
    version = _version()
    if version[:2] in OF_ENGINE_3:
        wire.put("unread", f'"library":"python-socketio","version":{quote(version)},"protocol":3')
        wire.flush(PATIENCE_S)
        return
    wire.running_loop = asyncio._get_running_loop
    seen = state.Seen()
    hooks: dict[str, bool] = {}
    for hook, owners, method, make in (
        *serving.hooks(wire, seen),
        *routing.hooks(wire, seen),
        *client.hooks(wire),
    ):
        done = [replace(owner, method, make) for owner in owners]
        hooks[hook] = hooks.get(hook, True) and any(done) and all(done)
    hooks["tasks"] = state.count_tasks(seen)
    hooks["loops"] = loops.watch_loops(wire, seen)
    hooks["failures"] = failures.watch_failures(wire)
    hooks["unawaited"] = unawaited.watch_unawaited(wire)
    wire.announce(f'"socketio":{quote(version)},"hooks":{state.booleans(hooks)}')
    answering = state.Answering(wire, seen, hooks)

    def answer(line: str) -> None:
        failures.tell_kept(wire, seen.failed)
        answering.answer(line)

    wire.listen(answer)
    _flush_at_end(wire)


def _version() -> str:
    """The installed version, read from the folder beside the package (importlib.metadata takes 10 ms)."""
    package = sys.modules["socketio"]
    beside = os.path.dirname(os.path.dirname(os.path.abspath(package.__file__ or "")))
    try:
        names = os.listdir(beside)
    except OSError:
        return "unknown"
    for name in names:
        low = name.lower().replace("-", "_")
        if low.startswith("python_socketio_") and low.endswith(("dist_info", "egg_info")):
            return name[len("python_socketio-") : name.rindex(".")]
    return "unknown"


def _flush_at_end(wire: Wire) -> None:
    """Records that still wait in memory leave before the process does, whichever way it goes, and a last one, "bye".

    Servers such as uvicorn end themselves by raising the signal they were sent, and multiprocessing by `os._exit`:
    neither runs `atexit`.
    """

    def flush(*_args: Any, **_kwargs: Any) -> None:
        wire.put("bye", f'"troubles":{wire.troubles}')
        wire.flush(PATIENCE_S)

    atexit.register(flush)
    for module, name in ((signal, "raise_signal"), (os, "_exit")):
        setattr(module, name, _after(flush, getattr(module, name)))


def _after(first: Any, original: Any) -> Any:
    def ending(*args: Any, **kwargs: Any) -> Any:
        first()
        return original(*args, **kwargs)

    ending.__name__ = ending.__qualname__ = original.__name__
    ending.__doc__ = original.__doc__
    return ending
