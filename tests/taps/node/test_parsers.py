"""The agent inside Node.js where the packets are written in another way: by each parser that the registry has.

`socket.io-circular-parser` can't be installed from it alone: it takes a package from elsewhere.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.node_programs import observe, program

PARSERS = ("socket.io-msgpack-parser", "socket.io-json-parser")
TALK = """
const heard = [];
server.on("connection", (socket) => {
  socket.join("room");
  socket.on("publish", (data, done) => {
    server.to("room").emit("told", data, ["[b]", "}"]);
    socket.emit("one", "ü");
    done("ok", data);
  });
});
// then
const one = client({ parser: OPTIONS.parser });
await connected(one);
const told = new Promise((done) => one.on("one", done));
one.on("told", (...args) => heard.push(args));
console.log(JSON.stringify([await one.emitWithAck("publish", { n: 1, text: "],[" }), await told, heard]));
one.disconnect();
finish();
"""


@pytest.mark.parametrize("parser", PARSERS)
def test_what_is_said_is_told_as_it_was_whatever_writes_it(tmp_path: Path, parser: str) -> None:
    recorded = observe(program(TALK, options=f'{{ parser: require("{parser}") }}'), tmp_path)
    said = {"n": 1, "text": "],["}
    assert (recorded.done.returncode, recorded.done.stderr) == (0, "")
    assert recorded.one("send", event="publish")["args"] == [said]
    assert recorded.one("receive", event="publish")["args"] == [said]
    assert recorded.one("route", event="told")["args"] == [said, ["[b]", "}"]]
    assert len(recorded.one("route", event="told")["recipients"]) == 1
    assert recorded.one("route", event="one")["args"] == ["ü"]
    assert recorded.one("answer", event="publish")["args"] == ["ok", said]
