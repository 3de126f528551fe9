"""Node.js programs with the agent in them: a server and its clients in one process, in CommonJS and as ES modules."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeAlias

from harness.taps.agent import AgentHub, RawRecord, environment

PACKAGES = Path(__file__).parents[2] / "fixtures" / "targets" / "node_modules"
PATIENCE_S = 30.0

HEADS = {
    "cjs": 'const http = require("node:http");\nconst { Server } = require("socket.io");\n'
    'const { io } = require("socket.io-client");\n',
    "mjs": 'import http from "node:http";\nimport { Server } from "socket.io";\n'
    'import { io } from "socket.io-client";\n',
}
"""How a program gets its libraries, by the kind of module that it is. Each has three lines."""

FRAME = """
const web = http.createServer((request, response) => response.end("a page"));
const server = new Server(web, { serveClient: false, ...OPTIONS });
const later = (ms) => new Promise((done) => setTimeout(done, ms));
const websocket = { forceNew: true, transports: ["websocket"] };
const client = (options) => io(`http://127.0.0.1:${web.address().port}`, { ...websocket, ...options });
const connected = (each) => new Promise((done) => each.once("connect", done));
const finish = () => { server.close(); web.closeAllConnections?.(); };
"""

Program: TypeAlias = Callable[[str, str], str]


def program(body: str, kind: str = "cjs", options: str = "{}") -> str:
    """A program: `body` is what it does once its server listens, with `server`, `client()` and `finish` at hand.

    What is before a line `// then` is done before the server listens: its handlers.
    """
    before, _, then = body.rpartition("// then\n")
    start = f'{HEADS[kind]}const OPTIONS = {options};\n{FRAME}\n{before}\nweb.listen(0, "127.0.0.1", async () => {{\n'
    return f"{start}{then}\n}});\n"


def line_of(source: str, text: str) -> int:
    """The number of the first line that has a text."""
    return 1 + next(number for number, line in enumerate(source.splitlines()) if text in line)


def run(
    source: str, folder: Path, env: Mapping[str, str] | None = None, kind: str = "cjs", *options: str
) -> subprocess.CompletedProcess[str]:
    """Run a program in a folder where it finds the packages; the same file each time, for its stacks name it."""
    modules = folder / "node_modules"
    if not modules.exists():
        modules.symlink_to(PACKAGES)
    (folder / f"program.{kind}").write_text(source)
    return subprocess.run(
        ["node", *options, f"program.{kind}"],
        cwd=folder,
        env=dict(os.environ if env is None else env),
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )


class Recorded:
    """The records of a program that has ended, in the order in which they came."""

    def __init__(self, records: list[RawRecord], done: subprocess.CompletedProcess[str], is_whole: bool) -> None:
        self.records, self.done, self.is_whole = records, done, is_whole

    def of(self, kind: str, **having: Any) -> list[RawRecord]:
        """Those of a kind with these values."""
        return [r for r in self.records if r["k"] == kind and all(r.get(key) == want for key, want in having.items())]

    def one(self, kind: str, **having: Any) -> RawRecord:
        """The only one of a kind with these values."""
        found = self.of(kind, **having)
        assert len(found) == 1, (kind, having, found or [r for r in self.records if r["k"] == kind])
        return found[0]


def observe(source: str, folder: Path, kind: str = "cjs", role: str = "server", *options: str) -> Recorded:
    """Run a program to its end with the agent in it."""
    records: list[RawRecord] = []
    with AgentHub() as hub:
        hub.on("observed", lambda _, record: records.append(record))
        env = environment(hub.path, "observed", role, os.environ)
        done = run(source, folder, env, kind, *options)
        assert hub.wait_ended("observed", PATIENCE_S), "the agent was not there"
        assert not [r for r in records if r["k"] == "agent_error"], records
        return Recorded(records, done, hub.whole("observed"))


@contextmanager
def running(source: str, folder: Path, hub: AgentHub, kind: str = "cjs") -> Iterator[subprocess.Popen[str]]:
    """A program that runs for as long as it is looked at; it ends when its input does."""
    modules = folder / "node_modules"
    if not modules.exists():
        modules.symlink_to(PACKAGES)
    (folder / f"program.{kind}").write_text(source)
    process = subprocess.Popen(
        ["node", f"program.{kind}"],
        cwd=folder,
        env=environment(hub.path, "observed", "server", os.environ),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        process.communicate(timeout=PATIENCE_S)


def wait_until(holds: Callable[[], bool]) -> None:
    """Wait for something that is sure to come."""
    deadline = time.monotonic() + PATIENCE_S
    while not holds():
        assert time.monotonic() < deadline, "it never came"
        time.sleep(0.005)
