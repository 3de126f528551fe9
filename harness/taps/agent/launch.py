"""The environment variables that put the agents into a process, whether it is Python or Node.js."""

from __future__ import annotations

import contextlib
import importlib.util
import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from harness.taps import node

SITE = Path(__file__).parent / "site"
ROLES = ("server", "client")
HANDED_ON = ("HARNESS_AGENT", "HARNESS_AGENT_NAME", "HARNESS_AGENT_ROLE", "HARNESS_AGENT_PROCESS")
"""Variables that are others in each run: a process that the harness does not start has to be given them as they are."""
FOLDERS = (SITE, node.START.parent)
"""What an agent is read from."""


SEEN_PROGRAMS = re.compile(
    r"(?:python|pypy|node|nodejs|npm|npx|yarn|pnpm|tsx|ts-node|nodemon|pm2|uvicorn|hypercorn|daphne|gunicorn|flask|uv|"
    r"poetry|\{python\})[\d.]*(?:\.(?:exe|cmd|js))?"
)
"""Programs that are, or start, processes of Python or Node.js."""


def sees_into(argv: Sequence[str]) -> bool:
    """Whether an agent will be in what a command starts, as far as the command tells: by its program, or a script's."""
    program = argv[0].rpartition("/")[2] if argv else ""
    is_script = program.endswith((".py", ".js", ".mjs", ".cjs", ".ts"))
    return is_script or SEEN_PROGRAMS.fullmatch(program) is not None


def environment(socket_path: str, name: str, role: str, inherited: Mapping[str, str]) -> dict[str, str]:
    """`inherited` with the agents in it, and where and as whom to report.

    The Python agent's folder is put in front of PYTHONPATH, the Node agent's start into NODE_OPTIONS: whichever the
    process is, or starts, has its own. `name` is the observer (`server`, `cli:main`), `role` is `server` or `client`.
    A process that is neither, ignores its environment (`python -I`) or doesn't use Socket.IO is simply not observed.
    """
    if role not in ROLES:
        raise ValueError(f"The role of agent {name!r} is {role!r}; it must be one of {', '.join(ROLES)}.")
    paths = [entry for entry in inherited.get("PYTHONPATH", "").split(os.pathsep) if entry and entry != str(SITE)]
    return {
        **inherited,
        "PYTHONPATH": os.pathsep.join([str(SITE), *paths]),
        "NODE_OPTIONS": node.options(inherited.get("NODE_OPTIONS", "")),
        "HARNESS_AGENT": socket_path,
        "HARNESS_AGENT_NAME": name,
        "HARNESS_AGENT_ROLE": role,
    }


def settled() -> dict[str, str]:
    """Variables that put the agents into a process and are the same in each run."""
    return {"PYTHONPATH": str(SITE), "NODE_OPTIONS": node.options("")}


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
