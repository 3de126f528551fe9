"""The agent inside Node.js: who keeps the event loop, and for how long."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.node_programs import HEADS, observe, program

STALLS = """
const cell = new Int32Array(new SharedArrayBuffer(4));
const stop = () => Atomics.wait(cell, 0, 0, 300);
server.on("connection", (socket) => {
  socket.on("at once", (done) => { stop(); done(); });
  socket.on("after its await", async (done) => { await later(5); stop(); done(); });
  socket.on("quick", async (done) => { await later(5); done(); });
  socket.on("by a timer", (done) => setTimeout(() => { stop(); done(); }, 20));
});
// then
const one = client();
await connected(one);
for (const name of ["quick", "at once", "quick", "after its await", "by a timer"]) await one.emitWithAck(name);
await later(100);
one.disconnect();
finish();
"""


@pytest.mark.parametrize("kind", list(HEADS))
def test_a_handler_that_keeps_the_loop_is_told_with_how_long(kind: str, tmp_path: Path) -> None:
    recorded = observe(program(STALLS, kind), tmp_path, kind)
    long = [(each["event"], each["ms"]) for each in recorded.of("blocked") if each["ms"] > 200]  # to the beat
    assert [event for event, _ in long] == ["at once", "after its await", None], recorded.of("blocked")
    assert recorded.of("bye")[-1]["troubles"] == 0
