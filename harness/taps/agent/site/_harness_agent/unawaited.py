"""Coroutines that are never awaited: what is in them never runs, and Python tells standard error alone."""

from __future__ import annotations

import os
import sys
import warnings
from typing import Any

from . import where
from .encode import room as name_of
from .encode import text, value
from .routing import arguments
from .state import REQUEST
from .wire import Wire

DOES = ("emit", "send", "call", "enter_room")
"""What a coroutine of the target's own may have been to do: names in its code."""

UNSEEN = "<frozen importlib._bootstrap>"
"""The file of a frame that Python leaves out when it says where a warning comes from."""


def watch_unawaited(wire: Wire) -> bool:
    """Have Python's own warning told to the harness as well; whether there is such a warning."""
    original = getattr(warnings, "_warn_unawaited_coroutine", None)
    if original is None:
        return False

    def warn(coroutine: Any) -> Any:
        try:
            if not wire.silent:
                _tell(wire, coroutine)
        except Exception as error:  # the target must never suffer from its observer
            wire.trouble("unawaited", error)
        return original(coroutine)

    warn.__code__ = warn.__code__.replace(co_filename=UNSEEN)
    warnings._warn_unawaited_coroutine = warn  # type: ignore[attr-defined]  # its only caller looks it up each time
    return True


def _tell(wire: Wire, coroutine: Any) -> None:
    code, name = coroutine.cr_code, coroutine.__qualname__
    is_own = not where.is_foreign(code)
    if not is_own and not code.co_filename.startswith(_library()):
        return
    given = {} if is_own else _given(coroutine.cr_frame)
    does = [each for each in DOES if each in code.co_names] if is_own else [name.rpartition(".")[2]]
    sid, asked, number = REQUEST.get() or (None, None, None)
    message = given.get("event") if isinstance(given.get("event"), str) else None
    # Outside of a handler it may be the collector that comes by, anywhere in the target's code.
    place = where.of_code(code) if is_own and number is None else where.of_caller()
    wire.put(
        "unawaited",
        f'"function":{text(name)},"does":{value(does)},"where":{text(place)},'
        f'"event":{text(message)},"args":{value(arguments(None if message is None else given.get("data")))},'
        f'"ns":{text(given.get("namespace") or "/")},"room":{name_of(given.get("to") or given.get("room"))},'
        f'"sid":{text(given.get("sid") or sid)},"asked":{text(asked)},"request":{value(number)}',
    )


def _library() -> str:
    """The folder of python-socketio."""
    return os.path.dirname(os.path.abspath(sys.modules["socketio"].__file__ or "")) + os.sep


def _given(frame: Any) -> dict[str, Any]:
    """What a method was called with, by its parameters' names; a client's `emit` is one that the agent watches."""
    given = {} if frame is None else dict(frame.f_locals)
    if "args" not in given or "kwargs" not in given:
        return given
    named: dict[str, Any] = dict(zip(("self", "event", "data", "namespace"), given["args"], strict=False))
    named.update(given["kwargs"])
    return named
