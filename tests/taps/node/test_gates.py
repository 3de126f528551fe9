"""Who gets stuck in a namespace's middleware, and what a connection that was broken is handed on again."""

from __future__ import annotations

import pytest

from harness.diagnosis._unhandled import BY_GATE
from tests.support.node_programs import Recorded, line_of, observe, program

SOURCE = program(
    """
process.on("unhandledRejection", () => {});
server.of("/open").use((socket, next) => next()).use((socket, next) => next());
server.of("/shut").use((socket, next) => next());
server.of("/shut").use(() => { throw new Error("the database is away"); });
server.of("/refusing").use((socket, next) => next(new Error("not you")));
// then
const url = `http://127.0.0.1:${web.address().port}`;
const inside = (namespace) => io(url + namespace, { ...websocket, reconnectionDelay: 10 });
const [one, open, shut, refused] = ["", "/open", "/shut", "/refusing"].map(inside);
await Promise.all([connected(one), connected(open), new Promise((done) => refused.once("connect_error", done))]);
server.emit("news", 1);
await new Promise((done) => one.once("news", done));
for (const socket of server.sockets.sockets.values()) socket.conn.transport.socket.terminate();
server.emit("news", 2);
await new Promise((done) => one.once("news", done));
for (const each of [one, open, shut, refused]) each.disconnect();
finish();
""",
    options="{ connectionStateRecovery: {} }",
)


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Recorded:
    found = observe(SOURCE, tmp_path_factory.mktemp("gates"), "cjs")
    assert (found.done.returncode, found.done.stderr) == (0, ""), found.done.stderr
    return found


def test_a_client_that_is_neither_let_in_nor_refused_is_told_with_the_middleware(recorded: Recorded) -> None:
    [stuck] = recorded.of("no_handler")
    assert (stuck["event"], stuck["why"], stuck["ns"]) == ("connect", BY_GATE, "/shut")
    assert stuck["where"] == f"program.cjs:{line_of(SOURCE, 'the database is away')}"


def test_what_is_handed_on_again_after_a_break_is_told_as_that(recorded: Recorded) -> None:
    first, second, again = recorded.of("route")
    assert [each.get("recovered") for each in (first, second, again)] == [None, None, True]
    assert second["args"] == [2] and again["args"][0] == 2
    assert second["recipients"] == again["recipients"], "the same client under the same id"
