"""The agent under what runs TypeScript: hooks in place, and places as they stand in the source.

They are installed into a folder of their own, which takes a network: `make test-versions` tries them.
"""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from harness.taps.agent import AgentHub, RawRecord, environment
from tests.support.node_programs import PACKAGES, PATIENCE_S, line_of

RUNNERS = ("tsx@4.23.15", "ts-node@10.9.2", "typescript@5.9.3", "@types/node@26.6.7")
PROGRAM = """
import http from "node:http";
import { Server } from "socket.io";
import { io } from "socket.io-client";

interface Told { n: number }

enum Step { Told = "told" }

const web: http.Server = http.createServer();
const server = new Server(web);

server.on("connection", (socket) => {
  socket.on("publish", (told: Told, done: (answer: string) => void) => {
    server.emit(Step.Told, told);
    done("ok");
  });
});
web.listen(0, "127.0.0.1", () => {
  const { port } = web.address() as { port: number };
  const client = io(`http://127.0.0.1:${port}`, { transports: ["websocket"] });
  client.on(Step.Told, ({ n }: Told) => {
    console.log(n);
    client.disconnect();
    server.close();
  });
  client.on("connect", () => client.emit("publish", { n: 1 }, () => {}));
});
"""

pytestmark = pytest.mark.skipif(
    os.environ.get("HARNESS_VERSIONS") != "all", reason="`make test-versions` tries it: it takes a network"
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with the runners in it."""
    folder = tmp_path_factory.mktemp("typescript")
    (folder / "package.json").write_text("{}")
    npm = ["npm", "install", "--silent", "--no-audit", "--no-fund", *RUNNERS]
    done = subprocess.run(npm, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"npm could not install {' '.join(RUNNERS)}: {done.stderr[-300:]}")
    for package in PACKAGES.iterdir():
        if not (folder / "node_modules" / package.name).exists():
            (folder / "node_modules" / package.name).symlink_to(package)
    (folder / "tsconfig.json").write_text(
        '{"compilerOptions": {"module": "commonjs", "esModuleInterop": true, "target": "es2022", "skipLibCheck": true}}'
    )
    (folder / "program.ts").write_text(PROGRAM)
    return folder


@pytest.mark.parametrize("runner", ["tsx", "ts-node"])
def test_what_a_runner_of_typescript_runs_is_seen_where_it_stands(hub: AgentHub, folder: Path, runner: str) -> None:
    records: list[RawRecord] = []
    hub.on("server", lambda _, record: records.append(record))

    def run(env: dict[str, str]) -> tuple[int, str, str]:
        argv = [str(folder / "node_modules" / ".bin" / runner), "program.ts"]
        ran = subprocess.run(
            argv, cwd=folder, env=env, capture_output=True, text=True, timeout=2 * PATIENCE_S, check=False
        )
        return ran.returncode, ran.stdout, ran.stderr

    (folder / "temporary").mkdir(exist_ok=True)
    bare = {**os.environ, "TMPDIR": str(folder / "temporary")}  # they keep what they have compiled
    assert run(environment(hub.path, "server", "server", bare)) == run(bare) == (0, "1\n", "")
    assert hub.wait_ended("server", PATIENCE_S)
    assert not [r for r in records if r["k"] == "agent_error"], records
    [routed] = [r for r in records if r["k"] == "route"]
    [sent] = [r for r in records if r["k"] == "send"]
    assert len(routed["recipients"]) == 1
    assert routed["where"].split(" ")[0] == f"program.ts:{line_of(PROGRAM, 'server.emit')}"
    assert sent["where"].split(" ")[0] == f"program.ts:{line_of(PROGRAM, 'client.emit')}"
