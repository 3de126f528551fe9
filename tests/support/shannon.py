"""The reference CLI as a child of a test: `shannon` to its end, or a `Pipe` that is fed line by line."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
from typing import Any

from tests.support.reference import PATIENCE_S, ROOT, Client, Server

TASK = "create hello.py with a simple greeting function"
SKILL = ["skill:started", "skill:completed"]
DOCUMENTED = [
    *("execution:started", "checkpoint:created", *SKILL, *SKILL, "checkpoint:created", *SKILL, "execution:completed")
]


def argv(*arguments: object) -> list[str]:
    return [sys.executable, "-m", "fixtures.cli", *map(str, arguments)]


def shannon(*arguments: object, text: str | bytes = "", **env: str) -> subprocess.CompletedProcess[str]:
    """Run to the end."""
    piped = text.encode() if isinstance(text, str) else text
    found = {name: value for name, value in os.environ.items() if name != "SHANNON_TOKEN_FILE"} | env
    done = subprocess.run(
        argv(*arguments), cwd=ROOT, input=piped, capture_output=True, timeout=PATIENCE_S, check=False, env=found
    )
    assert b"Traceback" not in done.stderr, done.stderr.decode()
    return subprocess.CompletedProcess(done.args, done.returncode, done.stdout.decode(), done.stderr.decode())


def at(server: Server) -> tuple[object, ...]:
    return "--server", server.url, "--token-file", server.token_file


def events_in(output: str) -> list[str]:
    return [line.split()[1] for line in output.splitlines() if line.startswith("Event: ")]


def line(kind: str = "step:done", **data: Any) -> str:
    return json.dumps({"type": kind, "data": data}) + "\n"


class Pipe:
    """A running `shannon pipe`."""

    def __init__(self, server: Server, session: str, *options: object) -> None:
        self.process = subprocess.Popen(
            argv("pipe", *at(server), "--session-id", session, *options),
            cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        assert self.process.stdin and self.process.stdout and self.process.stderr
        self.stdin, self.stdout, self.stderr = self.process.stdin, self.process.stdout, self.process.stderr

    def __enter__(self) -> Pipe:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.wait()
        for stream in (self.stdin, self.stdout, self.stderr):
            with contextlib.suppress(BrokenPipeError):
                stream.close()

    def report(self, *lines: str) -> None:
        """Write lines, and wait until as many events are printed."""
        self.stdin.write("".join(lines))
        self.stdin.flush()
        for _ in lines:
            self.next_event()

    def next_event(self) -> str:
        for printed in self.stdout:
            if printed.startswith("Event: "):
                return printed
        raise AssertionError(f"it ended: {self.stderr.read()}")

    def finish(self) -> tuple[int, str]:
        """End its input; its status and what it had to say."""
        self.stdin.close()
        told = self.stderr.read()
        return self.process.wait(PATIENCE_S), told


def acknowledged(session: str, seqs: list[int], dashboard: Client) -> None:
    """Wait until the server has acknowledged: it does so right after routing, before it answers the dashboard."""
    dashboard.read_until(lambda: dashboard.seqs(session) == seqs)
    dashboard.catch_up()


def end_of(session: str, dashboard: Client) -> dict[str, Any]:
    """How a session ended, as a dashboard hears it."""

    def heard() -> list[dict[str, Any]]:
        return [notice for notice in dashboard.named("session:ended") if notice["session"] == session]

    dashboard.read_until(lambda: bool(heard()))
    (notice,) = heard()
    return notice
