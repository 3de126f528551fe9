// The connection to the harness: one JSON line a record, written soon and never waited for.
//
// The records of one turn of the program go together, and those of a burst at most every four milliseconds: making
// and sending them is what watching costs. They are written to the socket's descriptor directly, which works before
// Node calls the socket connected, inside `exit` handlers, and without a callback. What the kernel does not take waits.
"use strict";

const fs = require("node:fs");
const net = require("node:net");
const { performance } = require("node:perf_hooks");
const { isMainThread, threadId } = require("node:worker_threads");
const { quote, withoutSecrets } = require("./encode.cjs");
const { pause, soon } = require("./soon.cjs");

const SPACING_MS = 4;
const BUSY_LINES = 10; // at a time: from there on the pause grows with them, for waking and being woken is what costs most
const BUSY_SPACING_MS = 20;
const BACKLOG_BYTES = 256 * 1024 * 1024;
const PATIENCE_MS = 10000;
const EARLY_BYTES = 32 * 1024; // before the connection is made: a full one would never be, and Node would wait for it
const TROUBLES_TOLD = 10;

// The program may replace these in its own tests.
const { queueMicrotask, Buffer, process } = globalThis;
const now = performance.now.bind(performance);
const START_NS = Number(process.hrtime.bigint()) - now() * 1e6;

/** One process's connection; silent after the harness has gone. */
class Wire {
  constructor(path, { name, role, process: title }) {
    this.path = path;
    this.name = name;
    this.role = role;
    this.title = title; // its name in the target file
    this.socket = null;
    this.fd = -1;
    this.n = 0;
    this.lines = [];
    this.scheduled = false;
    this.sentAt = 0;
    this.spacing = SPACING_MS;
    this.backlog = [];
    this.backlogBytes = 0;
    this.ending = false;
    this.troubles = 0;
    this.onLine = null;
    this.earlyBytes = EARLY_BYTES;
    this.flushSoon = () => this.flush();
  }

  /** Connect and say hello. False when nothing listens. */
  open() {
    const socket = net.connect({ path: this.path });
    socket.on("connect", () => {
      this.earlyBytes = Infinity;
      this.flush();
    });
    socket.on("error", () => this.giveUp());
    socket.on("close", () => this.giveUp());
    socket.unref();
    const fd = socket._handle ? socket._handle.fd : -1;
    if (typeof fd !== "number" || fd < 0) {
      socket.destroy();
      return false;
    }
    this.socket = socket;
    this.fd = fd;
    let waiting = "";
    socket.on("data", (chunk) => {
      const lines = (waiting + chunk).split("\n");
      waiting = lines.pop();
      for (const line of lines) this.take(line);
    });
    this.put("hello", this.hello());
    this.flush();
    return this.fd >= 0;
  }

  /** Send one record. `body` is the inside of a JSON object; `at` is now unless given. */
  put(kind, body, at) {
    if (this.fd < 0) return;
    const t = at === undefined ? this.now() : at;
    this.lines.push(`{"k":"${kind}","n":${++this.n},"t":${t},${body}}\n`);
    if (this.ending) this.end();
    else if (!this.scheduled) this.schedule();
  }

  /** Monotonic nanoseconds, on the clock that Python's `time.monotonic_ns` reads. */
  now() {
    return Math.round(START_NS + now() * 1e6);
  }

  schedule() {
    this.scheduled = true;
    if (now() - this.sentAt < this.spacing) soon(this.flushSoon, this.spacing);
    else queueMicrotask(this.flushSoon);
  }

  /** The agent itself failed: tell the harness (the first few times), never the program. */
  trouble(where, error) {
    this.troubles += 1;
    if (this.troubles <= TROUBLES_TOLD) {
      this.put(
        "agent_error",
        `"where":${quote(where)},"error":${quote(String((error && error.stack) || error).slice(0, 300))}`,
      );
    }
  }

  /** Hand what has been gathered to the kernel, as much as it takes. */
  flush() {
    this.scheduled = false;
    this.spacing = this.lines.length > BUSY_LINES ? Math.min(this.lines.length, BUSY_SPACING_MS) : SPACING_MS;
    if (this.lines.length > 0) {
      const bytes = Buffer.from(this.lines.join(""), "utf8");
      this.lines = [];
      if (this.backlogBytes + bytes.length <= BACKLOG_BYTES) {
        this.backlog.push(bytes); // else the gap in `n` tells the harness
        this.backlogBytes += bytes.length;
      }
    }
    this.sentAt = now();
    this.drain();
    if (this.backlog.length > 0 && this.fd >= 0 && !this.ending && !this.scheduled) this.schedule();
  }

  drain() {
    while (this.backlog.length > 0 && this.fd >= 0) {
      const bytes = this.backlog[0];
      const most = this.ending ? bytes.length : Math.min(bytes.length, this.earlyBytes);
      if (most === 0) return;
      let written;
      try {
        written = fs.writeSync(this.fd, bytes, 0, most);
      } catch (error) {
        if (error.code === "EAGAIN" || error.code === "EINTR") return;
        this.giveUp();
        return;
      }
      this.backlogBytes -= written;
      this.earlyBytes -= written;
      if (written === bytes.length) this.backlog.shift();
      else this.backlog[0] = bytes.subarray(written);
    }
  }

  /** The process ends: from now on each record is written at once. A harness that takes nothing is not waited for. */
  end() {
    this.ending = true;
    this.flush();
    let left = this.backlogBytes;
    let progress = now();
    while (this.backlog.length > 0 && this.fd >= 0) {
      pause(2);
      this.drain();
      if (this.backlogBytes !== left) {
        left = this.backlogBytes;
        progress = now();
      }
      if (now() - progress > PATIENCE_MS) this.giveUp();
    }
  }

  take(line) {
    try {
      if (this.onLine !== null) this.onLine(line);
    } catch (error) {
      this.trouble("listen", error);
    }
  }

  giveUp() {
    this.fd = -1;
    this.lines = [];
    this.backlog = [];
    this.backlogBytes = 0;
  }

  hello() {
    const argv = withoutSecrets([process.argv0, ...process.execArgv, ...process.argv.slice(1)]);
    return (
      `"name":${quote(this.name)},"process":${this.title ? quote(this.title) : "null"},"role":${quote(this.role)},"pid":${process.pid},` +
      (isMainThread ? "" : `"thread":${threadId},`) +
      `"argv":[${argv.map(quote).join(",")}],"node":"${process.versions.node}","socketio":null,"hooks":{}`
    );
  }
}

module.exports = { Wire };
