"""A service of a Compose file as a process of a system: started, ready when it is healthy, its log told, taken down.

    python -m harness.launch.compose SPEC

SPEC is JSON: `{"service": …, "port": …, "file": …, "stack": …}`, as a target file's `compose` says them; `port` is the
container's, and `stack` the folder of the stack. Containers are not children of this process, so that it stands for
them: it ends with status 1 and a line on standard error when the service does not become healthy or ends, and takes
down what it started when it is asked to end. What ran in the project before is left alone. Each stack has a project of
its own, so that no other containers are touched.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from harness.lib.lifeline import OWNER

READY = "harness: service {service} is healthy"
"""The line that says so; with ` at ADDRESS` after it where the service has a port."""

GRACE_S = 1
"""How long a container has to end by itself when it is taken down."""

HERE = "127.0.0.1"
"""Where a port is asked that is published on every address of this machine."""


class NotHealthy(Exception):
    """The service is not there; the message says what `docker compose` said."""


class Ended(Exception):
    """This process was asked to end."""


class Compose:
    """`docker compose` for one project."""

    def __init__(self, stack: str, file: str | None) -> None:
        project = f"harness-{hashlib.sha1(stack.encode(), usedforsecurity=False).hexdigest()[:12]}"
        self._argv = ["docker", "compose", "--project-name", project, *([] if file is None else ["--file", file])]

    def ask(self, *arguments: str) -> str:
        """What it printed. Raises NotHealthy with its last line where it failed."""
        try:
            done = subprocess.run([*self._argv, *arguments], capture_output=True, text=True, check=False)
        except OSError as error:
            raise NotHealthy(f"docker could not be started: {error.strerror}. Is it installed?") from None
        if done.returncode:
            lines = [line for line in (done.stderr or done.stdout).splitlines() if line.strip()]
            said = lines[-1].strip() if lines else f"status {done.returncode}, without a word"
            raise NotHealthy(f"docker compose {' '.join(arguments)}: {said}")
        return done.stdout

    def running(self) -> set[str]:
        """The services of the project that run."""
        return {*self.ask("ps", "--services", "--status", "running").split()}

    def take_down(self, services: Collection[str]) -> None:
        """Stop and remove services, and all of the project where nothing else of it runs.

        In a session of its own, and not as one of the harness's children: it goes on when those are killed.
        """
        named = sorted(services) if self.running() - {*services} else []
        argv = [*self._argv, "down", "--timeout", str(GRACE_S), "--volumes", *named]
        env = {name: value for name, value in os.environ.items() if name != OWNER}
        subprocess.run(argv, env=env, capture_output=True, check=False, start_new_session=True)

    def follow(self, service: str) -> int:
        """Hand on the service's log until it ends."""
        return subprocess.run([*self._argv, "logs", "--follow", "--no-log-prefix", service], check=False).returncode

    def published(self, service: str, port: int) -> str:
        """The address of a container's port, on this machine."""
        lines = self.ask("port", service, str(port)).split()
        host, _, number = lines[0].rpartition(":") if lines else ("", "", "")
        if not number.isdecimal() or number == "0":
            raise NotHealthy(f"service {service} publishes no port {port}: say `ports` in the Compose file")
        is_everywhere = not host.strip("[]:.0")  # 0.0.0.0 or [::]
        return f"http://{HERE if is_everywhere else host}:{number}"


def serve(said: Mapping[str, Any]) -> None:
    """Start a service, say when it is healthy, hand on its log, and take down what was started. Raises NotHealthy."""
    service, port = str(said["service"]), said.get("port")
    compose = Compose(str(said["stack"]), said.get("file"))
    before = compose.running()
    try:
        compose.ask("up", "--detach", "--wait", service)
        told = READY.format(service=service)
        sys.stdout.write(f"{told if port is None else f'{told} at {compose.published(service, port)}'}\n")
        sys.stdout.flush()
        compose.follow(service)
        raise NotHealthy(f"service {service} has ended")
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)  # to be asked twice must leave no container
        with contextlib.suppress(NotHealthy):
            compose.take_down({service, *compose.running()} - before)


def _end(*_: object) -> None:
    raise Ended


def main(arguments: Sequence[str]) -> int:
    """Do what the one argument says."""
    signal.signal(signal.SIGTERM, _end)
    try:
        serve(json.loads(arguments[0]))
    except Ended:
        return 0
    except NotHealthy as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
