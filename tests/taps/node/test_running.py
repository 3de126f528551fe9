"""The agent inside Node.js: which handlers run, for how long, and where each of them was registered."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.taps.agent import AgentHub
from tests.support.node_programs import HEADS, PATIENCE_S, line_of, program, running, wait_until

STAYS = """
let open;
const door = new Promise((done) => (open = done));
server.on("connection", (socket) => {
  socket.on("stay", async () => { await door; });
  socket.on("plain", () => door);
  socket.on("done", async (answer) => { answer(); });
});
// then
const one = client();
await connected(one);
one.emit("stay");
one.emit("plain");
await one.emitWithAck("done");
console.log("all came");
process.stdin.on("data", () => open()).on("end", () => { one.disconnect(); finish(); });
"""


@pytest.mark.parametrize("kind", list(HEADS))
def test_a_handler_that_waits_is_named_with_where_it_was_registered(kind: str, hub: AgentHub, tmp_path: Path) -> None:
    source = program(STAYS, kind)
    with running(source, tmp_path, hub, kind) as process:
        assert process.stdout is not None and process.stdin is not None
        assert process.stdout.readline() == "all came\n"
        reply = hub.sync("observed", PATIENCE_S)
        assert reply is not None and reply.handlers == 2
        places = {each.event: (each.where or "").split()[0] for each in reply.running}
        names = {"stay": 'on("stay"', "plain": 'on("plain"'}
        assert places == {name: f"program.{kind}:{line_of(source, line)}" for name, line in names.items()}
        process.stdin.write("open\n")
        process.stdin.flush()
        wait_until(lambda: not getattr(hub.sync("observed", PATIENCE_S), "handlers", 1))
