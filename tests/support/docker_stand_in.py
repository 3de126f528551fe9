"""What stands in for `docker compose` where there is no Docker: it answers in Docker's words, and runs plain processes.

STAND_IN names a JSON file: `{"services": {NAME: {"argv": [...], "needs": [...], "healthy": true, "environment": {}}},
"state": FOLDER}`. A service is told its port by PORT, and has no other of the harness's variables than its
`environment` says, in which `${NAME:-default}` is what `docker compose` was given. In the state folder each project has
a file for each service that runs: its process and its port. Only what `harness.launch.compose` asks is known; the words
are those of Compose v2.
"""

from __future__ import annotations

import json
import os
import re
import select
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path


def install(folder: Path, services: Mapping[str, object]) -> dict[str, str]:
    """Put a `docker` into a folder; the variables with which it is found, and knows the services."""
    (folder / "bin").mkdir()
    docker, told = folder / "bin" / "docker", folder / "told.json"
    docker.write_text(f'#!/bin/sh\nexec {sys.executable} -E {__file__} "$@"\n', "utf-8")
    docker.chmod(0o755)
    told.write_text(json.dumps({"services": services, "state": str(folder / "state")}), "utf-8")
    return {"PATH": f"{folder / 'bin'}{os.pathsep}{os.environ['PATH']}", "STAND_IN": str(told)}


def main(arguments: list[str]) -> int:
    if arguments[:2] != ["compose", "--project-name"]:
        sys.stderr.write("docker: unknown command\n")
        return 1
    project, [verb, *rest] = arguments[2], arguments[3:]
    told = json.loads(Path(os.environ["STAND_IN"]).read_text("utf-8"))
    state = Path(told["state"]) / project
    state.mkdir(parents=True, exist_ok=True)
    services = [each for each in rest if not each.startswith("--") and each in told["services"]]
    if verb == "ps":
        sys.stdout.write("".join(f"{each}\n" for each in _running(state)))
    elif verb == "up":
        return max(_up(state, told["services"], each) for each in services)
    elif verb == "port":
        sys.stdout.write(f"0.0.0.0:{json.loads((state / services[0]).read_text())['port']}\n")
    elif verb == "logs":
        _ended(json.loads((state / services[0]).read_text())["pid"])
    elif verb == "down":
        for each in services or _running(state):
            pid = json.loads((state / each).read_text())["pid"]
            os.killpg(pid, signal.SIGKILL)
            (state / each).unlink()
    return 0


def _running(state: Path) -> list[str]:
    return sorted(each.name for each in state.iterdir())


def _up(state: Path, services: dict[str, dict[str, object]], name: str) -> int:
    said = services[name]
    if said.get("healthy") is False:
        sys.stderr.write(f" Container {state.name}-{name}-1  Starting\ncontainer {state.name}-{name}-1 is unhealthy\n")
        return 1
    for each in said.get("needs", []):  # type: ignore[attr-defined]
        _up(state, services, each)
    if name in _running(state):
        return 0
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    env = {**{key: value for key, value in os.environ.items() if not key.startswith("HARNESS")}, "PORT": str(port)}
    env |= {key: _filled(value) for key, value in said.get("environment", {}).items()}  # type: ignore[attr-defined]
    output = subprocess.DEVNULL
    argv: list[str] = said["argv"]  # type: ignore[assignment]
    child = subprocess.Popen(argv, env=env, start_new_session=True, stdout=output, stderr=output)
    while child.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            break
        except OSError:
            select.select([], [], [], 0.02)
    (state / name).write_text(json.dumps({"pid": child.pid, "port": port}))
    return 0


def _filled(text: str) -> str:
    return re.sub(r"\$\{(\w+):-([^}]*)\}", lambda found: os.environ.get(found[1]) or found[2], text)


def _ended(pid: int) -> None:
    with open(os.pidfd_open(pid), "rb", buffering=0, closefd=True) as handle:
        select.select([handle], [], [])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
