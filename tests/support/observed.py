"""Processes with the agent in them: python-socketio servers of both kinds, and a client that does what it is told."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from harness.taps.agent import AgentHub, environment
from tests.support.observed_programs import ASYNC_CLIENT, ASYNC_SERVER, CLIENT, THREADING_SERVER

PATIENCE_S = 30.0


class Records:
    """What agents have recorded so far, by observer; can be waited on."""

    def __init__(self) -> None:
        self._news = threading.Condition()
        self._all: list[tuple[str, dict[str, Any]]] = []

    def __call__(self, name: str, record: dict[str, Any]) -> None:
        with self._news:
            self._all.append((name, record))
            self._news.notify_all()

    def of(self, kind: str, **having: Any) -> list[dict[str, Any]]:
        with self._news:
            return [
                record
                for _, record in self._all
                if record["k"] == kind and all(record.get(key) == value for key, value in having.items())
            ]

    def one(self, kind: str, **having: Any) -> dict[str, Any]:
        """The only such record; waits for it."""
        with self._news:
            self._news.wait_for(lambda: self.of(kind, **having), PATIENCE_S)
            found = self.of(kind, **having)
        assert len(found) == 1, (kind, having, [record for _, record in self._all][-20:])
        return found[0]

    def every(self, name: str) -> list[dict[str, Any]]:
        with self._news:
            return [record for observer, record in self._all if observer == name]


class Observed:
    """A server with the agent in it, and clients with theirs."""

    def __init__(
        self,
        folder: Path,
        hub: AgentHub,
        source: str,
        transport: str,
        env: Mapping[str, str] = os.environ,
        client: str = CLIENT,
    ) -> None:
        self.hub, self.transport, self.folder, self.env = hub, transport, folder, env
        self.records = Records()
        hub.on("server", self.records)
        self.program = folder / "server.py"
        self.program.write_text(source)
        (folder / "client.py").write_text(client)
        self.process = subprocess.Popen(
            [sys.executable, str(self.program)],
            env=environment(hub.path, "server", "server", env),
            cwd=folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        assert self.process.stdout is not None
        self.port = int(self.process.stdout.readline())

    def close(self) -> None:
        self.process.kill()
        self.process.communicate()


class Client:
    """A client process that does what it is told, line by line."""

    def __init__(self, observed: Observed, name: str) -> None:
        self.observed, self.name = observed, name
        observed.hub.on(name, observed.records)
        self.process = subprocess.Popen(
            [sys.executable, "client.py", f"http://127.0.0.1:{observed.port}", observed.transport, "--token", "hush"],
            env=environment(observed.hub.path, name, "client", observed.env),
            cwd=observed.folder,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def __call__(self, *command: Any) -> Any:
        assert self.process.stdin is not None and self.process.stdout is not None
        self.process.stdin.write(json.dumps(command) + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def close(self) -> None:
        self.process.communicate()
        assert self.observed.hub.wait_ended(self.name, PATIENCE_S)


KINDS = {"asgi": (ASYNC_SERVER, "websocket"), "threading": (THREADING_SERVER, "polling")}
"""Kind of server to its source and a transport."""

CLIENTS = {"client": CLIENT, "async-client": ASYNC_CLIENT}
"""Kind of client to its source."""


def event(number: int, **more: Any) -> dict[str, Any]:
    return {"type": "skill:started", "seq": number, "data": {"name": "x"}, **more}


def about(number: int) -> dict[str, Any]:
    """What marks the records of one published event."""
    return {"args": [event(number)]}


@contextmanager
def python(program: Path, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    """A program that is not observed, with pipes; killed at the end of the block."""
    with subprocess.Popen(
        [sys.executable, program.name, *arguments],
        cwd=program.parent,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


@contextmanager
def observing(folder: Path, *what: Any) -> Iterator[Observed]:
    """A server with the agent in it, whose end the hub has heard of afterwards; `what` as `Observed` takes it."""
    with AgentHub() as hub:
        server = Observed(folder, hub, *what)
        yield server
        server.close()
        assert hub.wait_ended("server", PATIENCE_S)
