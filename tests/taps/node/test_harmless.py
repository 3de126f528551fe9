"""The agent never changes what a Node.js program does: same output, status, stacks and order, with and without it."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path

import pytest

import harness.taps.node
from harness.taps.agent import AgentHub, environment
from tests.support.node_programs import HEADS, PATIENCE_S, observe, program, run, running, wait_until

SITE = Path(harness.taps.node.__file__).parent / "site"

PLAIN = """
const events = require("node:events").prototype.emit;
console.log(process.argv.slice(1), Object.keys(module), Object.keys(require.cache), process.execArgv);
console.log(process.eventNames().map(String).filter((name) => name !== "uncaughtExceptionMonitor"));
console.log(Object.keys(globalThis), Object.getOwnPropertyDescriptor(module, "loaded"), process.emit === events);
process.on("exit", (code) => console.log("exit", code, new Error("at exit").stack));
queueMicrotask(() => console.log("microtask"));
setTimeout(() => {
  console.log("timeout");
  setImmediate(() => { console.log("immediate"); throw new Error("the end"); });
});
process.nextTick(() => console.log("tick"));
console.error("to the errors");
"""

HANDLERS = """
server.on("connection", (socket) => {
  socket.on("one", () => console.log(new Error("one").stack));
  socket.on("two", () => console.log(new Error("two").stack));
  socket.on("two", async () => {
    console.log(new Error("second of two").stack);
    await 1;
    console.log(new Error("after").stack);
  });
  socket.once("once", function () { console.log(new Error("once").stack, this === socket, arguments.length); });
  socket.onAny((name) => console.log("any", name));
  socket.on("unserialisable", () => { try { server.emit("big", 10n); } catch (error) { console.log(error.stack); } });
  socket.on("nothing", (done) => done());
  socket.on("handled", () => shared);
  socket.on("disconnect", (reason) => {
    console.log(reason, new Error("gone").stack);
    left();
  });
  console.log(socket.listeners("two").length, socket.rawListeners("once")[0].name, Object.keys(socket));
  console.log(new Error("connection").stack);
});
server.of("/").use((socket, next) => { console.log(new Error("middleware").stack); next(); });
const shared = Promise.reject(new Error("handled by another"));
setTimeout(() => shared.catch(() => console.log("caught")), 0);
process.on("unhandledRejection", (error, promise) => console.log("unhandled", error.message, promise.constructor));
let left;
const gone = new Promise((resolve) => { left = resolve; });
const unwilling = { toJSON() { throw new Error("no JSON of this"); } };
// then
const one = client();
one.on("big", () => {});
await connected(one);
console.log(Object.keys(one), new Error("client").stack);
for (const name of ["one", "two", "once", "once", "unserialisable"]) one.emit(name, 1);
await one.emitWithAck("nothing");
one.emit("handled");
try { one.emit("connect"); } catch (error) { console.log(error.stack); }
try { one.emit("unwilling", unwilling); } catch (error) { console.log(error.stack); }
await one.emitWithAck("nothing"); // and with it all that was sent before
one.disconnect();
await gone;
finish();
process.exitCode = 7;
"""

ENDS = {
    "thrown": "socket.on('go', () => { throw new Error('thrown in a handler'); });",
    "rejected": "socket.on('go', async () => { await later(1); throw new Error('rejected in a handler'); });",
    "rejected at once": "socket.on('go', async () => { throw new Error('rejected at once'); });",
    "plain promise": "socket.on('go', () => later(1).then(() => { throw new Error('by a plain promise'); }));",
    "no error": "socket.on('go', async () => { throw 'a text'; });",
    "unserialisable": "socket.on('go', () => server.emit('big', 10n));",
    "exits": "socket.on('go', () => { server.emit('last'); process.exit(3); });",
    "in connection": "throw new Error('in the connection handler');",
}
END = """
server.on("connection", (socket) => {
  %s
});
// then
const one = client();
await connected(one);
one.emit("go");
"""

BROKEN_MODULES = {
    "cjs": ('require("./broken.cjs");', 'exports.value = 1;\nthrow new Error("while it loads");'),
    "mjs": ('import "./broken.mjs";', 'export const value = 1;\nthrow new Error("while it loads");'),
    "missing.cjs": ('require("no-such-package");', ""),
}


def outcome(done: subprocess.CompletedProcess[str]) -> tuple[int, str, str]:
    return done.returncode, done.stdout, re.sub(r"\(node:\d+\)", "(node)", done.stderr)


def both(source: str, folder: Path, hub: AgentHub, kind: str = "cjs") -> tuple[tuple[int, str, str], ...]:
    """What a program does without and with the agent."""
    without = run(source, folder, kind=kind)
    observed = run(source, folder, environment(hub.path, "cli:x", "client", os.environ), kind)
    assert hub.wait_ended("cli:x", PATIENCE_S), "the agent was not there"
    return outcome(without), outcome(observed)


def test_a_plain_program(hub: AgentHub, tmp_path: Path) -> None:
    without, observed = both(PLAIN, tmp_path, hub)
    assert observed == without and without[0] == 1 and "the end" in without[2]


@pytest.mark.parametrize("kind", list(HEADS))
def test_handlers_and_the_stacks_they_print(hub: AgentHub, tmp_path: Path, kind: str) -> None:
    without, observed = both(program(HANDLERS, kind), tmp_path, hub, kind)
    assert observed == without and without[0] == 7, without[2]
    assert without[1].count("node:events") > 6 and "caught" in without[1] and "Do not know how" in without[1]


@pytest.mark.parametrize("end", list(ENDS))
def test_the_end_that_a_handler_makes(hub: AgentHub, tmp_path: Path, end: str) -> None:
    without, observed = both(program(END % ENDS[end]), tmp_path, hub)
    assert observed == without and without[0] in (1, 3)
    assert end == "exits" or "rror" in without[2]


@pytest.mark.parametrize("case", list(BROKEN_MODULES))
def test_a_module_that_fails_while_it_loads(hub: AgentHub, tmp_path: Path, case: str) -> None:
    """Node's own frames aside where its loader has a hook of ES modules: it takes another way inside Node then."""
    kind = case.rpartition(".")[2]
    first, second = BROKEN_MODULES[case]
    (tmp_path / f"broken.{kind}").write_text(second)
    without, observed = (
        (status, out, re.sub(r"\n    at .*\(node:internal.*", "", errors) if kind == "mjs" else errors)
        for status, out, errors in both(first, tmp_path, hub, kind)
    )
    assert observed == without and without[0] == 1


@pytest.mark.parametrize("path", ["/nowhere/at/all", "x" * 300])
def test_a_socket_without_a_listener_does_not_disturb_the_program(tmp_path: Path, path: str) -> None:
    without = run(PLAIN, tmp_path)
    assert outcome(run(PLAIN, tmp_path, environment(path, "cli:x", "client", os.environ))) == outcome(without)


def test_options_that_are_there_already_stay(hub: AgentHub, tmp_path: Path) -> None:
    (tmp_path / "their own.cjs").write_text("globalThis.theirs = 1;")
    env = {**os.environ, "NODE_OPTIONS": f'--require "{tmp_path}/their own.cjs" --stack-trace-limit=3'}
    source = "console.log(theirs, new Error('short').stack.split('\\n').length);"
    done = run(source, tmp_path, environment(hub.path, "cli:x", "client", env))
    assert done.stdout == "1 4\n" and hub.wait_ended("cli:x", PATIENCE_S)


def test_its_own_folder_may_have_a_space(tmp_path: Path) -> None:
    from harness.taps import node

    there = tmp_path / 'a "folder" with spaces'
    there.mkdir()
    (there / "start.cjs").write_text("console.log('started');")
    original, node.START = node.START, there / "start.cjs"
    try:
        env = {**os.environ, "NODE_OPTIONS": node.options("")}
        assert run("", tmp_path, env).stdout == "started\n"
        assert node.options(env["NODE_OPTIONS"]) == env["NODE_OPTIONS"]
    finally:
        node.START = original


BURST = """
// then
for (let n = 0; n < 3000; n += 1) server.emit("burst", n, "x".repeat(300));
%s
"""


@pytest.mark.parametrize(("end", "status"), [("finish();", 0), ("process.exit(3);", 3), ("throw new Error('end');", 1)])
def test_nothing_that_waits_is_lost_at_the_end(tmp_path: Path, end: str, status: int) -> None:
    recorded = observe(program(BURST % end), tmp_path)
    assert recorded.done.returncode == status
    assert [r["args"][0] for r in recorded.of("route", event="burst")] == list(range(3000))
    assert recorded.is_whole


def test_a_listener_of_exit_that_emits_is_seen_too(tmp_path: Path) -> None:
    recorded = observe(program("process.on('exit', () => server.emit('last', 1));\n// then\nfinish();"), tmp_path)
    assert recorded.one("route", event="last") and recorded.is_whole


def test_a_process_that_is_killed_has_not_said_goodbye(tmp_path: Path) -> None:
    recorded = observe(program("// then\nserver.emit('x');\nprocess.kill(process.pid, 'SIGKILL');"), tmp_path)
    assert recorded.done.returncode == -signal.SIGKILL and not recorded.is_whole


WAITING = """
let release;
const gate = new Promise((done) => { release = done; });
server.on("connection", (socket) => {
  socket.on("waits", async () => { await gate; server.emit("done"); });
  socket.on("waits plainly", () => gate.then(() => {}));
  socket.on("opens", () => release());
});
process.stdin.once("end", () => { one.disconnect(); finish(); });
process.stdin.resume();
let one;
// then
one = client();
await connected(one);
one.emit("waits");
one.emit("waits plainly");
process.stdin.once("data", () => one.emit("opens"));
console.log("waiting");
"""


def test_handlers_that_run_are_counted_until_they_are_done(hub: AgentHub, tmp_path: Path) -> None:
    with running(program(WAITING), tmp_path, hub) as process:
        assert process.stdout is not None and process.stdin is not None
        assert process.stdout.readline() == "waiting\n"

        def in_flight() -> int:
            told = hub.sync("observed", PATIENCE_S)
            assert told is not None and told.troubles == 0
            return told.in_flight

        wait_until(lambda: in_flight() == 2)
        told = hub.sync("observed", PATIENCE_S)
        assert told is not None and len(told.namespaces["/"].connected) == 1
        process.stdin.write("go\n")
        process.stdin.flush()
        wait_until(lambda: in_flight() == 0)


EMITTING = """
const timer = setInterval(() => server.emit("x"), 1);
process.stdin.once("end", () => { clearInterval(timer); finish(); }).resume();
// then
console.log("emitting");
"""


def test_the_harness_may_go_away(tmp_path: Path) -> None:
    with AgentHub() as hub:
        context = running(program(EMITTING), tmp_path, hub)
        process = context.__enter__()
        assert process.stdout is not None and process.stdout.readline() == "emitting\n"
    context.__exit__(None, None, None)
    assert process.returncode == 0


CHILDREN = """
const { fork } = await import("node:child_process");
const { Worker } = await import("node:worker_threads");
const { default: cluster } = await import("node:cluster");
if (process.argv[2] === "child") {
  server.emit("from", "child");
  finish();
} else {
  server.emit("from", "parent");
  fork(process.argv[1], ["child"]).on("exit", () => finish());
  new Worker("const {Server} = require('socket.io'); new Server().emit('from', 'thread')", { eval: true });
}
"""


def test_child_processes_and_threads_report_for_themselves(tmp_path: Path) -> None:
    recorded = observe(program("// then" + CHILDREN), tmp_path)
    assert recorded.done.returncode == 0, recorded.done.stderr
    assert sorted(r["args"][0] for r in recorded.of("route", event="from")) == ["child", "parent", "thread"]
    assert len(recorded.of("hello")) == 3


def test_a_fence_is_refused_without_the_applications_code(tmp_path: Path) -> None:
    body = """
server.of(/.*/).on("connection", () => console.log("the application saw it"));
// then
const one = client();
await connected(one);
const fence = one.io.socket("/__fence_1__");
fence.connect();
const error = await new Promise((done) => fence.once("connect_error", done));
console.log(error.message, one.connected);
one.io._close();
finish();
"""
    recorded = observe(program(body), tmp_path)
    assert recorded.done.stdout == "Invalid namespace true\n" and not recorded.of("refused")


def with_less_patience(env: Mapping[str, str], folder: Path) -> dict[str, str]:
    """The environment with a copy of the agent that waits half a second for a harness, and not ten."""
    shutil.copytree(SITE, folder / "site")
    wire = folder / "site" / "agent" / "wire.cjs"
    before, patience, after = wire.read_text("utf-8").partition("const PATIENCE_MS = 10000;")
    assert patience
    wire.write_text(f"{before}const PATIENCE_MS = 500;{after}", "utf-8")
    assert str(SITE) in env["NODE_OPTIONS"]
    return {**env, "NODE_OPTIONS": env["NODE_OPTIONS"].replace(str(SITE), str(folder / "site"))}


def test_a_harness_that_takes_nothing_holds_a_process_up_for_a_moment_only(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as listener:
        path = f"/tmp/node-agent-{os.getpid()}"
        listener.bind(path)
        try:
            listener.listen()
            source = program(BURST % "finish();\nconsole.log(Date.now());")
            env = with_less_patience(environment(path, "cli:x", "client", os.environ), tmp_path)
            done = run(source, tmp_path, env)
            took_s = time.time() - int(done.stdout) / 1000
            assert (done.returncode, done.stderr) == (0, "")
            assert 0.5 <= took_s < 10
        finally:
            os.unlink(path)


STRANGE = r"""
// then
const args = { a: "\n\u0000", b: undefined, c: () => 1, d: NaN, e: new Date(0) };
server.emit('line\nbreak \u2028 \ud800 "quoted"', args);
finish();
"""


def test_records_are_lines_of_json_whatever_the_program_says(tmp_path: Path) -> None:
    [routed] = observe(program(STRANGE), tmp_path).of("route")
    assert routed["event"].startswith("line\nbreak")
    assert routed["args"] == [{"a": "\n\u0000", "d": None, "e": "1970-01-01T00:00:00.000Z"}]
    assert json.dumps(routed)
