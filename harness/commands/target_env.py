"""`harness target env`: what puts the agent into a process that the harness does not start itself.

The harness gives the agent to what it starts, and that to its children. A container has an environment and files of
its own, and some supervisors hand nothing on: there these lines say it, once and for all, for what differs from run to
run is taken from the environment of `docker compose`, or of the supervisor, which the harness starts.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator
from pathlib import Path

from harness.taps.agent import FOLDERS, HANDED_ON, settled
from harness.target.file.read import read
from harness.target.file.schema import TargetFile

NOWHERE = "/dev/null"
"""What stands for the agent's socket where the harness does not run: the service starts without it, and is not seen."""


def lines(path: Path) -> Iterator[str]:
    """The lines for each process of a target file. Raises WrongTarget for a file that is wrong."""
    said = read(path)
    services = {name: each.compose.service for name, each in said.process.items() if each.compose is not None}
    if services:
        yield "# For the Compose file, or a compose.override.yaml beside it. What an image has in PYTHONPATH or"
        yield "# NODE_OPTIONS goes after it. The socket is this user's: a service of another user is not seen."
        yield "services:"
        for service in dict.fromkeys(services.values()):
            yield from _service(service)
        for name in services:
            yield f'# In {path.name}, [process.{name}]: seen_by = "agent"'
    for line in _others(said, [name for name, each in said.process.items() if each.command]):
        yield f"# {line.removeprefix('# ')}" if services else line


def _service(service: str) -> Iterator[str]:
    yield f"  {service}:"
    yield "    environment:"
    for name, value in settled().items():
        yield f"      {name}: {json.dumps(value)}"
    for name in HANDED_ON:
        yield f'      {name}: "${{{name}:-}}"'
    yield "    volumes:"
    for folder in FOLDERS:
        yield f"      - {json.dumps(f'{folder}:{folder}:ro')}"
    socket = f"${{{HANDED_ON[0]}:-{NOWHERE}}}"
    yield f'      - "{socket}:{socket}"'


def _others(said: TargetFile, names: list[str]) -> Iterator[str]:
    who = ", ".join([*(f"process {name}" for name in names), *(["the producer"] if said.cli.command else [])])
    if not who:
        return
    yield f"# For what starts {who} without handing on its environment (env -i, sudo, a supervisor):"
    for name, value in settled().items():
        yield f"{name}={shlex.quote(value)}"
    for name in HANDED_ON:
        yield f'{name}="${name}"'
