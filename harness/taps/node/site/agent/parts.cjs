// What the instrumented libraries call, and which of their hooks are in place.
"use strict";

const { quote } = require("./encode.cjs");
const { clientPart } = require("./client.cjs");
const { Gates } = require("./gates.cjs");
const { Pending } = require("./pending.cjs");
const { Placed } = require("./placed.cjs");
const { Requests } = require("./requests.cjs");
const { Stalls } = require("./stalls.cjs");
const { serverPart } = require("./server.cjs");
const { answer } = require("./state.cjs");

/** The agent as the libraries see it. */
class Parts {
  constructor(wire) {
    this.wire = wire;
    this.hooks = {};
    this.versions = {};
    this.pending = new Pending();
    this.stalls = new Stalls(this);
    this.gates = new Gates(wire);
    this.requests = new Requests();
    this.placed = new Placed();
    this.servers = new Set();
    this.clients = new Set();
    this.leaving = new Set(); // ids of clients that are disconnecting in this turn
    this.running = null; // the handler that runs: {sid, event, emitter}
    this.admitted = null; // whom a namespace asked its middlewares about last, in the same words
    this.isStale = false; // hooks have found their place, and the harness was not told
    this.announced = "";
    this.made = {};
    wire.onLine = (line) => answer(this, line);
  }

  /** A file of a library is about to run: which part it is told by, its version, and the hooks that found their place. */
  load(part, version, hooks) {
    try {
      for (const hook of Object.keys(hooks)) this.hooks[hook] = (this.hooks[hook] ?? true) && hooks[hook];
      if (version !== null) this.versions[part] = version;
      if (!this.isStale) queueMicrotask(() => this.announce()); // once, when all files of the library are loaded
      this.isStale = true;
      this.made[part] ??= guarded(part === "client" ? clientPart(this) : serverPart(this), this);
      return this.made[part];
    } catch (error) {
      this.trouble("load", error);
      return undefined;
    }
  }

  /** A library that this process is watched for speaks another protocol than those that are known. */
  unread(library, version) {
    if ((this.wire.role === "client") !== (library === "socket.io-client")) return;
    this.wire.put("unread", `"library":${quote(library)},"version":${quote(version)},"protocol":3`);
    this.wire.flush();
  }

  announce() {
    this.isStale = false;
    const version = this.versions.server ?? this.versions.client;
    if (version === undefined) return;
    const told = `"socketio":${quote(version)},"runtime":"node","hooks":${JSON.stringify(this.hooks)}`;
    if (told === this.announced) return;
    this.announced = told;
    this.wire.put("hooks", told);
    this.wire.flush();
  }

  trouble(where, error) {
    this.wire.trouble(where, error);
  }
}

/** The same functions, silent when nothing listens, and without a word to the program when they fail. */
function guarded(part, parts) {
  const { wire } = parts;
  const safe = {};
  for (const [name, look] of Object.entries(part)) {
    safe[name] = (a, b, c) => {
      if (wire.fd < 0) return undefined;
      try {
        if (parts.isStale) parts.announce();
        return look(a, b, c);
      } catch (error) {
        wire.trouble(name, error);
        return undefined;
      }
    };
  }
  return safe;
}

module.exports = { Parts };
