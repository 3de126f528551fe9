"""Start the agent in any Python process whose environment asks for it, and leave everything else as it was.

Python runs the first `sitecustomize` on its path at start. This one steps aside for the next one (which it would
otherwise hide), takes its folder off `sys.path` and then starts the agent. Nothing here may fail loudly: a process that
can't be observed runs on unobserved. Cost for a process that never imports python-socketio: below 3 ms.
"""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def _load_agent() -> Any:
    """The agent's package, or None: the target must never suffer from its observer."""
    if not os.environ.get("HARNESS_AGENT"):
        return None
    try:
        return __import__("_harness_agent")
    except Exception:
        return None


def _start(agent: Any) -> None:
    """Connect and watch for the import of python-socketio. Any failure means: not observed."""
    if agent is not None:
        try:
            agent.start(os.environ)
        except Exception:
            return


def _run_next(this: Any) -> None:
    """Import the sitecustomize that this one hides. Its errors are its own and surface as they would without us."""
    sys.modules.pop("sitecustomize", None)
    try:
        __import__("sitecustomize")
    except ImportError as error:
        if error.name != "sitecustomize":
            raise
        sys.modules["sitecustomize"] = this  # there is no next: the import machinery needs one


def _main() -> None:
    this = sys.modules.get("sitecustomize")
    agent = _load_agent()  # while its folder is on the path
    folder = os.path.dirname(os.path.abspath(__file__))
    sys.path[:] = [entry for entry in sys.path if os.path.abspath(entry or ".") != folder]
    try:
        if this is not None and getattr(this, "__file__", None) == __file__:
            _run_next(this)
    finally:
        _start(agent)


_main()
