"""The agent: what runs inside a process of the target. Standard library only, and as little of it as possible.

It connects to the harness over a Unix socket, waits until the process imports python-socketio, and then watches that
library from inside (see `patching`). Whatever goes wrong, the process doesn't notice.
"""

from __future__ import annotations

import sys

TYPE_CHECKING = False  # typing and collections would cost every process more than the rest of the agent
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any


def start(environ: Mapping[str, str]) -> None:
    """Connect to the harness and get ready. Silent and without effect when nothing listens at HARNESS_AGENT."""
    from .wire import Wire

    wire = Wire(
        environ["HARNESS_AGENT"],
        name=environ.get("HARNESS_AGENT_NAME", "process"),
        role=environ.get("HARNESS_AGENT_ROLE", "server"),
        process=environ.get("HARNESS_AGENT_PROCESS"),
    )
    if not wire.open():
        return
    if "socketio" in sys.modules:
        _install(wire)
    else:
        sys.meta_path.insert(0, _Watcher(lambda: _install(wire)))


def _install(wire: Any) -> None:
    try:
        from .install import install

        install(wire)
    except Exception as error:  # the target must never suffer from its observer
        wire.trouble("install", error)


class _Watcher:
    """A finder that waits for `import socketio`, and calls `then` once that package is complete.

    It finds nothing by itself: the module comes from whichever finder would have found it without the agent.
    """

    def __init__(self, then: Callable[[], None]) -> None:
        self._then = then

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:
        if name != "socketio":
            return None
        sys.meta_path.remove(self)
        for finder in sys.meta_path:
            spec = finder.find_spec(name, path, target)
            if spec is not None:
                break
        else:
            sys.meta_path.insert(0, self)
            return None
        try:
            self._follow(spec.loader)
        except Exception:  # a loader that can't be followed: the process stays unobserved
            return spec
        return spec

    def _follow(self, loader: Any) -> None:
        """Have the loader tell us when the module has been executed, once."""
        original = loader.exec_module

        def exec_module(module: Any) -> None:
            try:
                del loader.exec_module
                original(module)
            except BaseException as error:
                sys.meta_path.insert(0, self)  # it may be imported again
                if error.__traceback__ is not None:
                    error.__traceback__ = error.__traceback__.tb_next  # as if this function weren't there
                raise
            self._then()

        loader.exec_module = exec_module
