"""Where in the target's own code something happened: `file:line function`."""

from __future__ import annotations

import inspect
import os
import sys
import threading
from types import CodeType, FrameType
from typing import Any

_HERE = os.path.dirname(os.path.abspath(__file__)) + os.sep
_STANDARD = os.path.dirname(os.path.abspath(threading.__file__)) + os.sep
CALLS = ("_trigger_event", "trigger_event")
"""The functions in which python-socketio calls handlers."""

_foreign: dict[int, tuple[CodeType, bool]] = {}
_shown: dict[tuple[int, int], str] = {}
"""By the identity of the code, which is kept alive for that: its hash is made of all that it consists of each time."""


def of_caller() -> str | None:
    """The innermost frame of the target's own code that led here. None when only libraries did."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        code = frame.f_code
        known = _foreign.get(id(code))
        if not (is_foreign(code) if known is None else known[1]):
            return _show(code, frame.f_lineno)
        frame = frame.f_back
    return None


def of_error(error: BaseException) -> str | None:
    """The innermost frame of the target's own code in a traceback, or the handler that could not be called.

    The innermost at all when there is neither.
    """
    found = last = None
    traceback = error.__traceback__
    while traceback is not None:
        last = traceback.tb_frame.f_code, traceback.tb_lineno
        if not is_foreign(last[0]):
            found = last
        traceback = traceback.tb_next
    if found is None and (handler := _called(error)) is not None:
        return of_code(handler)
    shown = found or last
    return None if shown is None else _show(*shown)


def is_of_target(error: BaseException) -> bool:
    """Whether an exception came by the target's own code, or from calling it."""
    traceback = error.__traceback__
    while traceback is not None:
        if not is_foreign(traceback.tb_frame.f_code):
            return True
        traceback = traceback.tb_next
    return _called(error) is not None


def of_answer(server: Any, namespace: str, sid: str, data: list[Any], error: BaseException) -> str | None:
    """The handler whose answer could not be sent, as one that JSON can't say: no frame of it is there any more.

    None where the error came by the target's own code, or the handler is not known.
    """
    if is_of_target(error):
        return None
    try:
        handler, _ = server._get_event_handler(data[0], namespace, (sid, *data[1:]))
        if handler is None:
            told, _ = server._get_namespace_handler(namespace, (sid, *data[1:]))
            handler = getattr(told, f"on_{data[0]}", None)
    except Exception:  # another release of the library has them elsewhere
        return None
    code = getattr(inspect.unwrap(handler) if handler is not None else None, "__code__", None)
    return of_code(code) if isinstance(code, CodeType) and not is_foreign(code) else None


def _called(error: BaseException) -> CodeType | None:
    """The target's handler that python-socketio called with other arguments than it takes: no frame of it is there."""
    traceback = error.__traceback__
    if traceback is None or not isinstance(error, TypeError):
        return None
    while traceback.tb_next is not None:
        traceback = traceback.tb_next
    frame = traceback.tb_frame
    if frame.f_code.co_name not in CALLS:
        return None
    there = frame.f_locals
    handler = there.get("handler") or getattr(there.get("self"), str(there.get("handler_name")), None)
    code = getattr(handler, "__code__", None)
    return code if isinstance(code, CodeType) and not is_foreign(code) else None


def is_foreign(code: CodeType) -> bool:
    """Belongs to the agent, the standard library or an installed package, unless the process works in its folder."""
    known = _foreign.get(id(code))
    if known is None:
        name = code.co_filename
        folders = _below(name).split(os.sep)
        installed = "site-packages" in folders or "dist-packages" in folders
        libraries = (_HERE, _STANDARD, "<frozen", *_packages())
        known = _foreign[id(code)] = code, installed or name.startswith(libraries)
    return known[1]


def of_code(code: CodeType) -> str:
    """Where a function begins."""
    return _show(code, code.co_firstlineno)


def of_line(code: CodeType, line: int) -> str:
    """A line of a function."""
    return _show(code, line)


def _packages() -> list[str]:
    """The folders of the two libraries, which may be anywhere on the path."""
    folders = []
    for name in ("socketio", "engineio"):
        file = getattr(sys.modules.get(name), "__file__", None)
        if file:
            folders.append(os.path.dirname(file) + os.sep)
    return folders


def _show(code: CodeType, line: int) -> str:
    """Relative to where the process was when this line was first seen, if it is below that."""
    known = _shown.get((id(code), line))
    if known is not None:
        return known
    shown = _shown[id(code), line] = f"{_below(code.co_filename)}:{line} {code.co_name}"
    return shown


def _below(file: str) -> str:
    """Relative to the process's working folder, where it is below that."""
    try:
        return file.removeprefix(os.getcwd() + os.sep)
    except OSError:  # the folder was removed
        return file
