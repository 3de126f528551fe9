"""Programs of Python run with the agent inside, to their end."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from harness.taps.agent import AgentHub, environment

PATIENCE_S = 20.0


SERVES_NOBODY = """
import os, signal, socketio
server = socketio.Server(async_mode="threading")

def report(number):
    server.emit("publish", {"number": number}, room="s")

report(1)
"""


def run(source: str, env: Mapping[str, str], folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a program from a file, so that its tracebacks are the same each time."""
    (folder / "program.py").write_text(source)
    return subprocess.run(
        [sys.executable, "program.py", "argument"],
        cwd=folder,
        env=dict(env),
        input="typed",
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def observe(hub: AgentHub, name: str, source: str, folder: Path, status: int = 0) -> list[dict[str, Any]]:
    """Run a program with the agent to its end; its records."""
    records: list[dict[str, Any]] = []
    hub.on(name, lambda _, record: records.append(record))
    done = run(source, environment(hub.path, name, "client", os.environ), folder)
    assert done.returncode == status, done.stderr
    assert hub.wait_ended(name, PATIENCE_S)
    return records
