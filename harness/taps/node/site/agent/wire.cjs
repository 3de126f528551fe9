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
const { Records } = require("./records.cjs");
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

/** One process's connection; silent after the harness has gone. */
class Wire {
  constructor(path, { name, role, process: title }) {
    this.path = path;
    this.name = name;
    this.role = role;
    this.title = title; // its name in the target file
    this.socket = null;
    this.fd = -1;
    this.records = new Records((bytes) => this.hand(bytes));
    this.scheduled = false;
    this.sentAt = 0;
    this.spacing = SPACING_MS;
    this.backlog = [];
    this.backlogBytes = 0;
    this.ending = false;
    this.troubles = 0;
    this.onLine = null;
    this.earlyBytes = EARLY_BYTES;
    this.goodbye = null; // what tells the end of the process, once that is all
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

  /** Send one record. `body` is the inside of a JSON object. */
  put(kind, body) {
    if (this.fd < 0) return;
    this.records.add(kind, body);
    if (this.ending) {
      this.end();
      if (this.goodbye !== null && kind !== "bye") this.goodbye();
    } else if (!this.scheduled) this.schedule();
  }

  /** The number that the next record will have. A record refers to another by how far back that is. */
  get next() {
    return this.records.n + 1;
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
    const { count } = this.records;
    this.spacing = count > BUSY_LINES ? Math.min(count, BUSY_SPACING_MS) : SPACING_MS;
    this.drain();
    this.records.flush();
    this.sentAt = now();
    if (this.backlog.length > 0 && this.fd >= 0 && !this.ending && !this.scheduled) this.schedule();
  }

  /** Write bytes that are the agent's for this moment only. What the kernel does not take is kept. */
  hand(bytes) {
    const written = this.backlog.length === 0 ? this.pass(bytes) : 0;
    const left = bytes.length - written;
    if (left === 0 || this.fd < 0 || this.backlogBytes + left > BACKLOG_BYTES) return; // the gap in `n` tells the harness
    this.backlog.push(Buffer.from(bytes.subarray(written)));
    this.backlogBytes += left;
  }

  drain() {
    while (this.backlog.length > 0 && this.fd >= 0) {
      const bytes = this.backlog[0];
      const written = this.pass(bytes);
      if (written === 0) return;
      this.backlogBytes -= written;
      if (written === bytes.length) this.backlog.shift();
      else this.backlog[0] = bytes.subarray(written);
    }
  }

  /** How many bytes the kernel took. */
  pass(bytes) {
    const most = this.ending ? bytes.length : Math.min(bytes.length, this.earlyBytes);
    if (most === 0 || this.fd < 0) return 0;
    try {
      const written = fs.writeSync(this.fd, bytes, 0, most);
      this.earlyBytes -= written;
      return written;
    } catch (error) {
      if (error.code !== "EAGAIN" && error.code !== "EINTR") this.giveUp();
      return 0;
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
