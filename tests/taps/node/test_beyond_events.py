"""The agent inside Node.js, beyond a plain exchange: events that are dropped, kept or refused, and their answers."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.node_programs import HEADS, line_of, observe, program

VOLATILE = """
// then
const one = client();
await connected(one);
await later(20);
for (const n of [1, 2, 3]) server.volatile.emit("tick", n);
server.sockets.sockets.forEach((socket) => { for (const n of [4, 5]) socket.volatile.emit("tick", n); });
await later(20);
one.volatile.emit("up", 1);
one.volatile.emit("up", 2);
await later(20);
one.disconnect();
finish();
"""


def test_volatile_events_that_are_dropped(tmp_path: Path) -> None:
    recorded = observe(program(VOLATILE), tmp_path)
    [sid] = [record["sid"] for record in recorded.of("connect")]
    ticks = [(r["args"], r["recipients"], r.get("dropped", []), r["flags"]) for r in recorded.of("route", event="tick")]
    flags = ["volatile"]
    assert ticks == [
        ([1], [sid], [], flags),
        *(([n], [sid], [sid], flags) for n in (2, 3, 4, 5)),
    ]
    assert [r["args"] for r in recorded.of("send", event="up")] == [[1]]
    assert recorded.one("send_failed", event="up")["error"] == "dropped: volatile, and the connection takes nothing"


RECOVERED = """
server.on("connection", (socket) => {
  socket.join("room");
  socket.on("seen", () => socket.conn.close());
});
// then
const one = client({ reconnectionDelay: 20, randomizationFactor: 0 });
await connected(one);
const told = new Promise((done) => one.on("told", ({ n }) => {
  console.log(`n: ${n}`);
  if (n === 1) one.emit("seen");
  else done();
}));
server.to("room").emit("told", { n: 1 });
await new Promise((done) => one.once("disconnect", done));
server.to("room").emit("told", { n: 2 });
await told;
one.disconnect();
finish();
"""


def test_connection_state_recovery(tmp_path: Path) -> None:
    """What the adapter adds to a packet for itself, the offset, is not an argument of the program's event."""
    recorded = observe(program(RECOVERED, options="{ connectionStateRecovery: {} }"), tmp_path)
    assert [r["args"] for r in recorded.of("route", event="told") if not r["recipients"]] == [[{"n": 2}]]
    assert [r["args"] for r in recorded.of("route", event="told") if r.get("recovered")] == [[{"n": 2}]]
    assert recorded.done.stdout.count("n: 2") == 1
    assert [r.get("recovered") for r in recorded.of("connect")] == [None, True]
    assert all(r["publishes"] is False for r in recorded.of("route"))


ANSWERS = """
const rooms = server.of("/with[brackets]");
for (const each of [server, rooms]) each.on("connection", (socket) => {
  socket.on("ask", (done) => done("[a]", { said: "x,y" }));
  socket.on("bytes", (done) => done(Buffer.from("four"), 2));
  socket.on("secret", (done) => done({ token: "hush", seq: 1 }));
  socket.on("big", (done) => {
    try { done(1n); } catch (error) { console.log(error.name); }
    server.emit("after");
    done("later");
  });
  socket.on("nested", (done) => done({ toJSON: () => { server.emit("inside"); return "told"; } }));
});
// then
const first = client();
const both = [first, first.io.socket("/with[brackets]")];
await Promise.all(both.map(connected));
for (const one of both) {
  for (const name of ["ask", "bytes", "secret", "big", "nested"]) await one.emitWithAck(name);
}
both.forEach((one) => one.disconnect());
finish();
"""


def test_an_answer_is_told_as_it_went_out(tmp_path: Path) -> None:
    """Also beside emits that are made while it is encoded, or after one that could not be."""
    recorded = observe(program(ANSWERS), tmp_path)
    assert not recorded.of("agent_error")
    for namespace in ("/", "/with[brackets]"):
        told = {name: recorded.of("answer", event=name, ns=namespace) for name in ("ask", "bytes", "secret", "nested")}
        assert [record["args"] for record in told["ask"]] == [["[a]", {"said": "x,y"}]]
        [counted, two] = told["bytes"][0]["args"]
        assert (counted["_bytes"], two) == (4, 2)
        assert told["secret"][0]["args"] == [{"token": "[redacted]", "seq": 1}]
        assert told["nested"][0]["args"] == ["told"]
        assert [record["args"] for record in recorded.of("answer", event="big", ns=namespace)] == [["later"]]
    beside = [record["recipients"] for name in ("after", "inside") for record in recorded.of("route", event=name)]
    assert beside and all(len(recipients) == 1 for recipients in beside)
    assert recorded.done.stdout.count("TypeError") == 2


CYCLES = """
// then
const nodes = Array.from({ length: 50 }, (_, n) => ({ n }));
for (const node of nodes) node.all = nodes;
try { server.emit("cycles", { nodes }); } catch (error) { console.log(error.name); }
const one = client();
try { one.emit("cycles", { nodes }); } catch (error) { console.log(error.name); }
const kept = { big: 10n, cycle: {} };
kept.cycle.kept = kept;
one.emit("kept", 1);
one.disconnect();
finish();
"""


def test_a_payload_that_is_a_net_of_objects_delays_no_client(tmp_path: Path) -> None:
    recorded = observe(program(CYCLES), tmp_path)
    assert recorded.done.returncode == 0 and recorded.done.stdout.count("Error") >= 1
    assert recorded.one("send_failed", event="kept")


ALONE = """
// then
server.to("s").emit("publish", { number: 1 });
new Server().emit("publish", { number: 2 });
finish();
"""


def test_an_emit_on_a_server_without_clients(tmp_path: Path) -> None:
    recorded = observe(program(ALONE), tmp_path, "cjs", "client")
    assert [(r["served"], r["recipients"]) for r in recorded.of("route")] == [(False, []), (False, [])]


ALLOW = """
// then
const one = client({ transports: ["polling"], reconnection: false });
await new Promise((done) => one.once("connect_error", done));
finish();
"""


def test_a_request_that_is_refused_before_socket_io_sees_it(tmp_path: Path) -> None:
    options = '{ allowRequest: (request, allow) => allow("not from there", false) }'
    recorded = observe(program(ALLOW, options=options), tmp_path)
    refused = recorded.one("refused_request")
    assert (refused["reason"], refused["status"]) == ("forbidden by allowRequest: not from there", 403)
    told = recorded.one("client_refused")["error"]
    assert told == 'Error: xhr poll error (HTTP 403 {"code":4,"message":"not from there"})'


TWO = """
const other = new Server();
other.on("connection", (socket) => socket.join("other"));
server.on("connection", (socket) => socket.join("one"));
// then
const second = http.createServer();
other.attach(second);
await new Promise((done) => second.listen(0, done));
const one = client();
const two = io(`http://127.0.0.1:${second.address().port}`, { transports: ["websocket"] });
await Promise.all([connected(one), connected(two)]);
other.to("one").emit("told", 1);
one.disconnect();
two.disconnect();
await later(20);
other.close();
finish();
"""


def test_several_servers_in_a_process(tmp_path: Path) -> None:
    recorded = observe(program(TWO), tmp_path)
    routed = recorded.one("route", event="told")
    assert routed["recipients"] == [] and list(routed["rooms"]) == ["other"]


WORKERS = """
const kept = [];
let own;
server.on("connection", (socket) => {
  socket.onAny((name) => name === "heard" && server.emit("by any", name));
  socket.use(async ([name], next) => { if (name === "checked") await later(1); next(); });
  socket.on("now", (n) => server.emit("at once", n));
  socket.on("soon", (n) => setTimeout(() => server.emit("by timer", n), 1));
  socket.on("soon", (n) => setImmediate(() => server.emit("by immediate", n)));
  socket.on("checked", (n) => server.emit("behind a check", n));
  socket.on("kept", (n) => kept.push(n));
  socket.on("flushed", () => kept.splice(0).forEach((n) => server.emit("by another", n)));
  socket.on("begun", (n) => { own ??= setInterval(() => { server.emit("by interval", n); clearInterval(own); }, 1); });
  socket.on("awaits", async (n) => { await later(1); server.emit("awaited", n); });
});
// then
const one = client();
await connected(one);
const told = ["by any", "at once", "by timer", "by immediate", "behind a check", "by another", "by interval"];
const all = [...told, "awaited"].map((name) => new Promise((done) => one.once(name, done)));
["kept", "now", "soon", "checked", "begun", "awaits", "heard", "flushed"].forEach((name, n) => one.emit(name, n));
await Promise.all(all);
one.disconnect();
finish();
"""


@pytest.mark.parametrize("kind", HEADS)
def test_whose_handler_emits_is_told_where_node_knows_it(kind: str, tmp_path: Path) -> None:
    """An interval works for no event, and of what follows an `await` nothing is told."""
    recorded = observe(program(WORKERS, kind), tmp_path, kind)
    assert not recorded.of("agent_error")
    came = {record["request"]: record["event"] for record in recorded.of("receive")}
    assert len(came) == 8
    emitted = {record["event"]: record.get("request", "untold") for record in recorded.of("route")}
    assert {name: came.get(request, request) for name, request in emitted.items()} == {
        "by any": "heard",
        "at once": "now",
        "by timer": "soon",
        "by immediate": "soon",
        "behind a check": "checked",
        "by another": "flushed",
        "by interval": None,
        "awaited": "untold",
    }


def test_whose_handler_emits_is_told_where_what_it_emits_makes_another_emit(tmp_path: Path) -> None:
    """To an empty room nothing is encoded by the library: the agent does that, and asks what is to be told for it."""
    source = program("""
    server.on("connection", (socket) => socket.on("go", (done) => {
      server.to("nobody").emit("outer", { toJSON: () => { server.emit("inner"); return { n: 1 }; } });
      done();
    }));
    // then
    const one = client();
    await connected(one);
    await one.emitWithAck("go");
    one.disconnect();
    finish();
    """)
    recorded = observe(source, tmp_path)
    [came] = recorded.of("receive", event="go")
    assert {record["request"] for name in ("outer", "inner") for record in recorded.of("route", event=name)} == {
        came["request"]
    }
    assert recorded.of("route", event="inner") and recorded.of("route", event="outer")


def test_what_a_client_sends_again_by_itself_is_sent_from_where_it_was_emitted(tmp_path: Path) -> None:
    source = program("""
    const told = new Map();
    server.on("connection", (socket) => socket.on("told", (n, done) => {
      told.set(n, (told.get(n) ?? 0) + 1);
      if (n === 2 || told.get(n) > 1) done();
    }));
    // then
    const one = client({ retries: 1, ackTimeout: 200 });
    await connected(one);
    await Promise.all([one.emitWithAck("told", 1), one.emitWithAck("told", 2)]); // emitted here
    one.disconnect();
    finish();
    """)
    recorded = observe(source, tmp_path)
    assert recorded.done.returncode == 0, recorded.done.stderr
    sent = recorded.of("send", event="told")
    assert [each["args"] for each in sent] == [[1], [1], [2]]
    assert {each["where"].split()[0] for each in sent} == {f"program.cjs:{line_of(source, 'emitted here')}"}
