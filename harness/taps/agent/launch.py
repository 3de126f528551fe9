"""The environment variables that put the agent into a Python process."""

from __future__ import annotations

import contextlib
import importlib.util
import os
from collections.abc import Mapping
from pathlib import Path

SITE = Path(__file__).parent / "site"
ROLES = ("server", "client")


def environment(socket_path: str, name: str, role: str, inherited: Mapping[str, str]) -> dict[str, str]:
    """`inherited` with the agent in it: the site folder in front of PYTHONPATH, and where and as whom to report.

    `name` is the observer (`server`, `cli:main`), `role` is `server` or `client`. A process that
    is not Python, ignores its environment (`python -I`) or doesn't use python-socketio is simply not observed.
    """
    if role not in ROLES:
        raise ValueError(f"The role of agent {name!r} is {role!r}; it must be one of {', '.join(ROLES)}.")
    behind = [entry for entry in inherited.get("PYTHONPATH", "").split(os.pathsep) if entry and entry != str(SITE)]
    return {
        **inherited,
        "PYTHONPATH": os.pathsep.join([str(SITE), *behind]),
        "HARNESS_AGENT": socket_path,
        "HARNESS_AGENT_NAME": name,
        "HARNESS_AGENT_ROLE": role,
    }


def compile_site() -> None:
    """Have Python's byte code of the agent ready, even where targets run with PYTHONDONTWRITEBYTECODE.

    Without it every process of a target would compile the agent anew, for 10 ms. A folder that can't be written to is
    left as it is.
    """
    for source in SITE.rglob("*.py"):
        compiled = Path(importlib.util.cache_from_source(str(source)))
        if compiled.exists() and compiled.stat().st_mtime >= source.stat().st_mtime:
            continue
        import py_compile

        with contextlib.suppress(OSError):
            py_compile.compile(str(source), doraise=False, quiet=2)
