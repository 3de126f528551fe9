"""The agent inside Node.js: what it records of an event on its way, in CommonJS and in ES modules."""

from __future__ import annotations

import json

import pytest

from harness.diagnosis._unhandled import BY_MIDDLEWARE
from tests.support.node_programs import HEADS, Recorded, line_of, observe, program

EXCHANGE = """
server.use((socket, next) => next(socket.handshake.auth.role === "stranger" ? new Error("not you") : undefined));
server.on("connection", (socket) => {
  socket.join(7);
  socket.join("dashboards");
  socket.use(([name], next) => next(name === "forbidden" ? new Error("not this") : undefined));
  socket.use(([name], next) => { if (name === "unchecked") null.rights; if (name !== "kept") next(); });
  socket.on("publish", (event, done) => {
    server.to("dashboards").emit(event.type, event);
    server.to("7").emit("nobody", event);
    server.to(7).to("dashboards").except("other").emit("several", event);
    socket.broadcast.emit("others", event);
    socket.emit("direct", event, 2);
    event.changed = "afterwards";
    done({ ok: true, seq: event.seq });
  });
  socket.on("bytes", (data) => server.emit("bytes", data));
  socket.on("leave", () => socket.leave("dashboards"));
  socket.on("raises", () => JSON.parse("way"));
  socket.on("rejects", async () => { await later(1); throw new TypeError("no such thing"); });
  socket.on("hangs up", () => socket.disconnect());
  socket.on("later", async (done) => { await later(20); socket.on("late", () => {}); done(); });
});
process.on("uncaughtException", () => {});
process.on("unhandledRejection", () => {});
// then
const one = client({ auth: { role: "producer", token: "hush" } });
await connected(one);
await one.emitWithAck("publish", { type: "skill:started", seq: 1, text: "ünï\\u2028", token: "hush", tokens: 42 });
one.emit("bytes", Buffer.from("hello"));
const names = ["unheard", "late", "forbidden", "kept", "unchecked", "raises", "rejects", "leave"];
for (const name of names) one.emit(name, 1);
await one.emitWithAck("later");
one.emit("late", 2);
const stranger = client({ auth: { role: "stranger" } });
await new Promise((done) => stranger.once("connect_error", done));
stranger.disconnect();
one.emit("hangs up");
await new Promise((done) => one.once("disconnect", done));
one.emit("too late", 3);
one.disconnect();
finish();
"""


@pytest.fixture(scope="module", params=list(HEADS))
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def source(kind: str) -> str:
    return program(EXCHANGE, kind)


@pytest.fixture(scope="module")
def recorded(kind: str, source: str, tmp_path_factory: pytest.TempPathFactory) -> Recorded:
    found = observe(source, tmp_path_factory.mktemp("exchange"), kind)
    assert (found.done.returncode, found.done.stderr) == (0, ""), found.done.stderr
    return found


@pytest.fixture(scope="module")
def sid(recorded: Recorded) -> str:
    return str(recorded.one("connect", role="producer")["sid"])


def test_every_hook_finds_its_place(recorded: Recorded) -> None:
    hooks = recorded.records[-1] and recorded.of("hooks")[-1]["hooks"]
    assert all(hooks.values()) and len(hooks) > 15, hooks
    assert recorded.is_whole and recorded.of("bye")[-1]["troubles"] == 0


def test_an_event_is_recorded_at_each_hop_in_the_order_of_time(recorded: Recorded, sid: str) -> None:
    sent = recorded.one("send", event="publish")
    received = recorded.one("receive", event="publish")
    routed = recorded.one("route", event="skill:started")
    answered = recorded.one("answer", event="publish")
    acknowledged = recorded.one("ack", event="publish")
    times = [record["t"] for record in (sent, received, routed, answered, acknowledged)]
    assert times == sorted(times)
    assert received["sid"] == sid and sent["id"] == received["id"] == acknowledged["id"]
    assert (routed["room"], routed["recipients"], routed["served"]) == ("dashboards", [sid], True)
    assert "rooms" not in routed and routed["publishes"] is False
    assert answered["args"] == acknowledged["result"] == [{"ok": True, "seq": 1}]


def test_where_the_emit_stands(recorded: Recorded, source: str, kind: str) -> None:
    line = line_of(source, "emit(event.type")
    assert recorded.one("route", event="skill:started")["where"] == f"program.{kind}:{line}"


def test_an_empty_room_is_told_with_the_members_and_types_of_others(recorded: Recorded, sid: str) -> None:
    routed = recorded.one("route", event="nobody")
    assert (routed["room"], routed["recipients"], routed["connected"]) == ("7", [], [sid])
    assert routed["rooms"] == {"<number 7>": [sid], "dashboards": [sid]}
    assert [record["room"] for record in recorded.of("join")] == ["<number 7>", "dashboards"]


def test_several_rooms_and_those_left_out(recorded: Recorded, sid: str) -> None:
    routed = recorded.one("route", event="several")
    assert (routed["room"], routed["recipients"]) == (["<number 7>", "dashboards"], [sid])
    assert routed["except"] == ["other"]
    others = recorded.one("route", event="others")
    assert (others["room"], others["recipients"], others["except"]) == (None, [], [sid])


def test_one_socket_is_emitted_to(recorded: Recorded, sid: str) -> None:
    routed = recorded.one("route", event="direct")
    assert (routed["room"], routed["recipients"], routed["args"][1]) == (sid, [sid], 2)


def test_arguments_are_recorded_as_they_were_without_secrets(recorded: Recorded) -> None:
    """The handler changes its argument after it was received and routed."""
    event = {"type": "skill:started", "seq": 1, "text": "ünï\u2028", "token": "[redacted]", "tokens": 42}
    for kind, name in (("send", "publish"), ("receive", "publish"), ("route", "skill:started")):
        assert recorded.one(kind, event=name)["args"] == [event]
    assert "hush" not in json.dumps(recorded.records)


def test_bytes_are_described(recorded: Recorded) -> None:
    told = [{"_bytes": 5, "sha1": "aaf4c61ddcc5e8a2dabede0f3b482cd9aea9434d"}]
    assert recorded.one("receive", event="bytes")["args"] == told == recorded.one("route", event="bytes")["args"]
    sent = recorded.one("send", event="bytes")
    assert sent["bytes"] == len(f'"event":"bytes","args":{json.dumps(sent["args"], separators=(",", ":"))}') + 5


def test_handlers_that_are_missing_late_or_fail(recorded: Recorded, source: str, kind: str) -> None:
    assert [record["event"] for record in recorded.of("no_handler", why=None)] == ["unheard", "late"]
    late = recorded.one("late_handler", event="late")
    registered = line_of(source, 'socket.on("late"')
    assert (late["missed"], late["where"]) == (1, f"program.{kind}:{registered}")
    raised = recorded.one("handler_error", event="raises")
    assert raised["error"].startswith("SyntaxError: Unexpected token") and "JSON" in raised["error"]
    assert raised["where"].startswith(f"program.{kind}:{line_of(source, 'JSON.parse')}")
    rejected = recorded.one("handler_error", event="rejects")
    assert rejected["error"] == "TypeError: no such thing"
    assert rejected["where"].startswith(f"program.{kind}:{line_of(source, 'no such thing')}")


def test_middlewares_that_refuse(recorded: Recorded, source: str, kind: str) -> None:
    """No handler has what a middleware refuses: that is told beside its error, as of what it keeps."""
    assert recorded.one("handler_error", event="forbidden")["error"] == "refused by a middleware: Error: not this"
    kept = recorded.one("no_handler", event="forbidden")
    assert kept["why"] == BY_MIDDLEWARE
    assert kept["where"].startswith(f"program.{kind}:{line_of(source, 'not this')}")
    refused = recorded.one("refused")
    assert (refused["reason"], refused["role"], refused["sid"]) == ("not you", "stranger", None)
    assert recorded.one("client_refused")["error"] == "not you"


def test_a_middleware_that_keeps_an_event_is_told_when_its_connection_ends(
    recorded: Recorded, source: str, kind: str, sid: str
) -> None:
    kept = recorded.one("no_handler", sid=sid, event="kept")
    assert kept["why"] == BY_MIDDLEWARE
    assert kept["where"].startswith(f"program.{kind}:{line_of(source, 'null.rights')}"), "the second of two"
    assert kept["n"] == recorded.one("disconnect", sid=sid)["n"] - 2


def test_what_a_middleware_throws_over_an_event_is_told_of_that_event(
    recorded: Recorded, source: str, kind: str, sid: str
) -> None:
    thrown = recorded.one("handler_error", event="unchecked", sid=sid)
    assert thrown["error"].startswith("TypeError: ")
    assert thrown["where"].startswith(f"program.{kind}:{line_of(source, 'null.rights')}")
    assert recorded.one("no_handler", sid=sid, event="unchecked")["why"] == BY_MIDDLEWARE


def test_leaving_and_ending(recorded: Recorded, source: str, kind: str, sid: str) -> None:
    left = recorded.one("leave")
    assert (left["sid"], left["room"]) == (sid, "dashboards")
    assert left["where"] == f"program.{kind}:{line_of(source, 'socket.leave')}"
    assert recorded.one("disconnect")["reason"] == "server disconnect"
    assert recorded.one("client_disconnected")["reason"] == "server disconnect"


def test_what_is_kept_for_a_connection_that_never_comes(recorded: Recorded, source: str, kind: str) -> None:
    failed = recorded.one("send_failed", event="too late")
    assert failed["error"] == "kept for a connection that never came" and failed["args"] == [3]
    assert failed["where"] == f"program.{kind}:{line_of(source, 'too late')}"
