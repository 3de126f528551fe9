"""The agent inside Node.js where servers pass events on to each other: by each adapter that the registry has.

Redis is real. Postgres and MongoDB are stood in for at their clients, for the adapters are what is tested. The sharded
adapter needs Redis 7, which no package brings along. A sample; all with HARNESS_SYSTEMS=all (`make test-systems`).
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.taps.agent import AgentHub, RawRecord
from tests.support.node_programs import PATIENCE_S, line_of, observe, program, running

BROKER = Path(__file__).parents[3] / "fixtures" / "targets" / "redis" / "broker.py"

REDIS = """
const { createClient } = require("redis");
const both = [0, 1].map(() => ["pub", "sub"].map(() => createClient({ url: process.env.STORE })));
const opened = Promise.all(both.flat().map((each) => each.connect()));
"""
STREAMS = (
    REDIS
    + """
const { createAdapter } = require("@socket.io/redis-streams-adapter");
const adapters = both.map(([pub]) => createAdapter(pub, { blockTimeInMs: 100, readCount: 100 }));
"""
)
PUBSUB = (
    REDIS
    + """
const { createAdapter } = require("@socket.io/redis-adapter");
const adapters = both.map(([pub, sub]) => createAdapter(pub, sub));
"""
)
POSTGRES = """
const { createAdapter } = require("@socket.io/postgres-adapter");
const { EventEmitter } = require("node:events");
const store = new EventEmitter();
class Client extends EventEmitter {
  constructor() { super(); this.told = (each) => this.emit("notification", each); store.on("told", this.told); }
  async query() {}
  release() { store.off("told", this.told); }
}
const pool = {
  connect: async () => new Client(),
  query: async (sql, [channel, payload] = []) => {
    if (/pg_notify/.test(sql)) setImmediate(() => store.emit("told", { channel, payload }));
  },
};
const adapters = [0, 1].map(() => createAdapter(pool));
const opened = Promise.resolve();
"""
MONGO = """
const { createAdapter } = require("@socket.io/mongo-adapter");
const { EventEmitter } = require("node:events");
const store = new EventEmitter();
let kept = 0;
const collection = {
  insertOne: async (document) => {
    const written = structuredClone(document);
    setImmediate(() => store.emit("kept", written));
    return { insertedId: { toString: () => `${++kept}` } };
  },
  watch: ([{ $match }]) => {
    const stream = new EventEmitter();
    const tell = (fullDocument) =>
      fullDocument.uid !== $match["fullDocument.uid"].$ne &&
      stream.emit("change", { operationType: "insert", fullDocument: { ...fullDocument, _id: "1" } });
    store.on("kept", tell);
    stream.close = async () => void store.off("kept", tell);
    return stream;
  },
};
const adapters = [0, 1].map(() => createAdapter(collection));
const opened = Promise.resolve();
"""
ADAPTERS = {"redis-streams": STREAMS, "redis": PUBSUB, "postgres": POSTGRES, "mongo": MONGO}

TWO = """
// then
await opened;
const second = new Server(0, { serveClient: false, adapter: adapters[1], ...OPTIONS });
server.adapter(adapters[0]);
second.on("connection", (socket) => socket.join("room"));
const until = async (holds) => { while (!(await holds())) await later(5); };
await until(async () => (await server.of("/").adapter.serverCount()) === 2);
const there = io(`http://127.0.0.1:${second.httpServer.address().port}`, websocket);
await connected(there);
// One that has read nothing of its stream yet reads from its next look on: what came before that is lost to it.
const warm = setInterval(() => server.to("room").emit("warm"), 20);
await new Promise((done) => there.once("warm", done));
clearInterval(warm);
const told = new Promise((done) => there.on("told", (...args) => done(args.slice(0, 2))));
server.to("room").emit("told", { n: 1 }, "two"); // emitted here
console.log(JSON.stringify(await told));
process.exit();
"""


EMITTER = (
    PUBSUB
    + """
// then
await opened;
const { Emitter } = require("@socket.io/redis-emitter");
server.adapter(adapters[0]);
server.on("connection", (socket) => socket.join("room"));
const emitter = new Emitter(both[1][0]);
const there = client();
await connected(there);
const told = new Promise((done) => there.on("told", (...args) => done(args.slice(0, 2))));
const warm = setInterval(() => emitter.to("room").emit("warm"), 20);
await new Promise((done) => there.once("warm", done));
clearInterval(warm);
emitter.to("nowhere").emit("unheard", { n: 0 });
emitter.of("/fleet").emit("elsewhere");
emitter.to("room").to("lobby").except("muted").emit("told", { n: 1 }, "two"); // emitted here
console.log(JSON.stringify(await told));
process.exit();
"""
)


@pytest.fixture(scope="module")
def store() -> Iterator[str]:
    """Redis, for as long as the tests take."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    broker = subprocess.Popen([sys.executable, str(BROKER), str(port)], stdout=subprocess.PIPE, text=True)
    assert broker.stdout is not None
    try:
        assert any("Ready to accept connections" in line for line in broker.stdout), "Redis did not start"
        yield f"redis://127.0.0.1:{port}"
    finally:
        broker.terminate()
        broker.communicate(timeout=30)


WORKERS = """
// then
const cluster = require("node:cluster");
const { createAdapter, setupPrimary } = require("@socket.io/cluster-adapter");
if (cluster.isPrimary) {
  setupPrimary();
  const [emits, holds] = ["emits", "holds"].map((WHO) => cluster.fork({ WHO }));
  holds.on("message", (said) => typeof said === "string" && emits.send(said));
  emits.on("exit", () => process.exit());
} else if (process.env.WHO === "emits") {
  server.adapter(createAdapter());
  const warm = setInterval(() => server.to("room").emit("warm"), 20);
  process.on("message", (said) => {
    if (said === "warm") {
      clearInterval(warm);
      server.to("room").emit("told", { n: 1 }, "two"); // emitted here
    } else if (said === "told") process.exit();
  });
} else {
  const own = http.createServer().listen({ port: 0, host: "127.0.0.1", exclusive: true }, () => {
    const there = io(`http://127.0.0.1:${own.address().port}`, websocket);
    there.once("warm", () => process.send("warm"));
    there.on("told", (...args) => {
      console.log(JSON.stringify(args));
      process.send("told", () => process.exit());
    });
  });
  new Server(own, { adapter: createAdapter() }).on("connection", (socket) => socket.join("room"));
}
"""
RECOVERY = "{ connectionStateRecovery: {} }"
SAMPLE = [("redis-streams", RECOVERY), ("mongo", RECOVERY)]
ALL = [*SAMPLE, *((name, "{}") for name in ADAPTERS), ("cluster", "{}")]


@pytest.mark.parametrize(("name", "options"), ALL if os.environ.get("HARNESS_SYSTEMS") == "all" else SAMPLE)
def test_what_an_adapter_passes_on_is_routed_in_both_servers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, store: str, name: str, options: str
) -> None:
    """Where it was emitted, whatever the adapter awaits before it tells its own clients; and no argument of its own."""
    monkeypatch.setenv("STORE", store)
    source = program(WORKERS if name == "cluster" else ADAPTERS[name] + TWO, options=options)
    recorded = observe(source, tmp_path)
    assert (recorded.done.returncode, recorded.done.stdout.strip()) == (0, '[{"n":1},"two"]'), recorded.done.stderr
    routes = recorded.of("route", event="told")
    here, there = sorted(routes, key=lambda route: len(route["recipients"]))
    assert (here["recipients"], len(there["recipients"])) == ([], 1)
    assert [route["args"] for route in routes] == [[{"n": 1}, "two"]] * 2
    assert here["publishes"] is True
    assert here["where"] == f"program.cjs:{line_of(source, 'emitted here')}"


def test_what_an_emitter_puts_into_redis_is_told_with_its_channel(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, store: str
) -> None:
    """And what no server reads, because no client of it is in the room, is routed to nobody in there."""
    monkeypatch.setenv("STORE", store)
    source = program(EMITTER)
    recorded = observe(source, tmp_path)
    assert (recorded.done.returncode, recorded.done.stdout.strip()) == (0, '[{"n":1},"two"]'), recorded.done.stderr
    told = recorded.one("publish", event="told")
    assert (told["args"], told["room"], told["ns"]) == ([{"n": 1}, "two"], ["room", "lobby"], "/")
    assert (told["queue"], told["channel"]) == (store, "socket.io")
    assert told["where"] == f"program.cjs:{line_of(source, 'emitted here')}"
    assert recorded.one("publish", event="elsewhere")["ns"] == "/fleet"
    routed = recorded.one("route", event="told")
    assert len(routed["recipients"]) == 1
    assert "published" not in routed, "it was published by another"
    unheard = recorded.one("route", event="unheard")
    assert (unheard["args"], unheard["room"], unheard["recipients"]) == ([{"n": 0}], "nowhere", [])
    assert [*unheard["rooms"]] == ["room"]


def test_what_a_server_publishes_is_told_once_and_which_queue_it_listens_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, store: str
) -> None:
    monkeypatch.setenv("STORE", store)
    body = """
// then
await opened;
server.adapter(adapters[0]);
await connected(client());
server.emit("told", 1);
server.local.emit("kept", 1);
console.log("ready");
process.stdin.on("end", () => process.exit()).resume();
"""
    records: list[RawRecord] = []
    with AgentHub() as hub:
        hub.on("observed", lambda _, record: records.append(record))
        with running(program(PUBSUB + body), tmp_path, hub) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
            reply = hub.sync("observed", PATIENCE_S)
        assert reply is not None
        assert [(each.queue, each.channel) for each in reply.listens] == [(store, "socket.io")]
    routed = {record["event"]: record for record in records if record["k"] == "route"}
    assert (routed["told"]["published"], routed["told"]["queue"]) == (True, store)
    assert "published" not in routed["kept"]
