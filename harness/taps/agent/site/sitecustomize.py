"""Start the agent in any Python process whose environment asks for it, and leave everything else as it was.

Python runs the first `sitecustomize` on its path at start. This one steps aside for the next one (which it would
otherwise hide), takes its folder off `sys.path` and then starts the agent. Nothing here may fail loudly: a process that
can't be observed runs on unobserved. Cost for a process that never imports python-socketio: below 3 ms.
"""

from __future__ import annotations

import os
import sys


def _start_agent() -> None:
    """Connect and watch for the import of python-socketio. Any failure means: no agent."""
    if not os.environ.get("HARNESS_AGENT"):
        return
    try:
        agent = __import__("_harness_agent")
        agent.start(os.environ)
    except Exception:  # the target must never suffer from its observer
        pass


def _run_next(this: object) -> None:
    """Import the sitecustomize that this one hides. Its errors are its own and surface as they would without us."""
    sys.modules.pop("sitecustomize", None)
    try:
        __import__("sitecustomize")
    except ImportError as error:
        if error.name != "sitecustomize":
            raise
        sys.modules["sitecustomize"] = this  # type: ignore[assignment]  # there is no next: the machinery needs one


def _main() -> None:
    this = sys.modules.get("sitecustomize")
    folder = os.path.dirname(os.path.abspath(__file__))
    try:
        __import__("_harness_agent")  # while its folder is still on the path
    except Exception:  # as above
        pass
    sys.path[:] = [entry for entry in sys.path if os.path.abspath(entry or ".") != folder]
    try:
        if this is not None and getattr(this, "__file__", None) == __file__:
            _run_next(this)
    finally:
        _start_agent()


_main()
