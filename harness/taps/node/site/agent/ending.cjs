// The end of the process: what still waits in memory leaves before it, with a last record, "bye".
//
// No listener is added for `exit`: Node asks the process for its `emit` when it ends, and that is when this looks.
"use strict";

const { failure, text } = require("./encode.cjs");
const { soon } = require("./soon.cjs");
const where = require("./where.cjs");

/** A stack that leads through where a namespace or a socket runs its middlewares: what they check has no handler yet. */
const MIDDLEWARE = /[\\/]socket\.io[\\/]dist[\\/]namespace\.js|Socket\.run .*[\\/]socket\.io[\\/]dist[\\/]socket\.js/;

function watchEnd(wire, parts) {
  let { emit } = process;
  let isOver = false;
  const failures = new Failures(wire);
  const say = () => wire.put("bye", `"troubles":${wire.troubles}`);
  Object.defineProperty(process, "emit", {
    configurable: true,
    get() {
      if (process._exiting && !isOver) {
        parts.announce();
        failures.tell();
        parts.gates.tell();
        parts.made.client?.ending?.();
        wire.end();
        isOver = true;
        wire.goodbye = say; // after whatever a listener of `exit` still does: it stays the last
        say();
      }
      return emit;
    },
    set(value) {
      emit = value; // libraries that want to hear of every end put a function of their own here
    },
  });
  process.on("uncaughtExceptionMonitor", (error) => {
    try {
      failures.tell();
      const context = parts.running ?? (MIDDLEWARE.test(String(error?.stack)) ? parts.admitted : null);
      parts.running = null;
      if (context) tellFailure(wire, context, error);
    } catch (trouble) {
      wire.trouble("uncaught", trouble);
    }
  });
  parts.pending.onRejected = (reason, context) => failures.add(reason, context);
}

/**
 * Rejections of handlers, told after Node has seen them: an error whose stack was read before that is printed in
 * another way when it ends the process.
 */
class Failures {
  constructor(wire) {
    this.wire = wire;
    this.waiting = [];
  }

  add(reason, context) {
    this.waiting.push([reason, context]);
    if (this.waiting.length === 1) soon(() => this.tell(), 1);
  }

  tell() {
    for (const [reason, context] of this.waiting.splice(0)) {
      try {
        tellFailure(this.wire, context, reason);
      } catch (trouble) {
        this.wire.trouble("rejected", trouble);
      }
    }
  }
}

/** A handler failed: with what, and where in the program's own code. */
function tellFailure(wire, { sid, event }, error, words = "") {
  const told = error === null ? "rejected a promise" : failure(error);
  wire.put(
    "handler_error",
    `"sid":${text(sid)},"event":${text(event)},"error":${text(words + told)},"where":${text(where.ofError(error))}`,
  );
}

module.exports = { tellFailure, watchEnd };
