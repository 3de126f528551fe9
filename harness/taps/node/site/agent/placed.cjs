// Where handlers were registered: a function itself does not say where it is.
"use strict";

const where = require("./where.cjs");

const MOST = 2000; // registrations that are remembered: a program has some dozens

/** One look at the stack for all connections: each registers functions of its own, of the same source. */
class Placed {
  constructor() {
    this.places = new Map();
  }

  /** A handler is registered, by whoever is on the stack. */
  registered(emitter, event, handler) {
    if (typeof handler !== "function" || this.places.size >= MOST) return;
    const key = keyOf(emitter, event, handler);
    if (!this.places.has(key)) this.places.set(key, where.ofCaller());
  }

  /** Where the handler of a context was registered; null where that is not known. */
  of({ emitter, event, handler }) {
    if (handler === undefined) return null;
    return this.places.get(keyOf(emitter, event, handler.listener ?? handler)) ?? null;
  }
}

const written = Function.prototype.toString;

function keyOf(emitter, event, handler) {
  const space = emitter?.nsp?.name ?? emitter?.name ?? "";
  return `${space}\n${String(event)}\n${handler.name}\n${written.call(handler).length}`;
}

module.exports = { Placed };
