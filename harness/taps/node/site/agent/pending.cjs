// What handlers have begun and not finished: promises that they returned, and answers over plain HTTP.
//
// A promise must not be watched in a way that makes it "handled": the process would no longer end by its rejection. The
// promise of an async function that is not referenced elsewhere may be followed by another one, which is rejected in its place,
// with the same reason, in the same turn. Others are only looked at when the harness asks.
"use strict";

const { performance } = require("node:perf_hooks");
const { inspect, types } = require("node:util");

const now = performance.now.bind(performance);
const AsyncFunction = (async () => {}).constructor;
const MOST = 20; // so many of what stands still are told
const LOOKED_AT = 200; // how many are gathered before those that are done are let go

/** Counts handlers that run. */
class Pending {
  constructor() {
    this.followed = 0;
    this.answering = 0; // what was posted over plain HTTP and has no answer yet
    this.held = new Map();
    this.open = new Set(); // which those are that are followed or answered
    this.closed = []; // and those that are done: [which, when], until they are looked at
    this.onRejected = () => {};
    this.enough = LOOKED_AT;
  }

  /** What a handler returned; `context` says which handler. */
  add(handler, result, context) {
    if (!types.isPromise(result)) return;
    context.began ??= now();
    if ((handler.listener ?? handler) instanceof AsyncFunction) this.follow(result, context);
    else this.hold(result, context);
  }

  follow(promise, context) {
    this.followed += 1;
    this.open.add(context);
    const over = () => {
      this.followed -= 1;
      this.close(context);
    };
    const failed = (reason) => {
      over();
      this.onRejected(reason, context);
      throw reason;
    };
    Promise.prototype.then.call(promise, over, failed);
  }

  close(context) {
    if (this.open.delete(context)) this.closed.push([context, now()]);
  }

  hold(promise, context) {
    this.held.set(promise, context);
    if (this.held.size > this.enough) this.enough = Math.max(LOOKED_AT, 2 * this.look());
  }

  /** Let go of what is done; how many are not. */
  look() {
    for (const [promise, context] of this.held) {
      const shown = inspect(promise, { depth: 0, compact: true, breakLength: Infinity });
      if (shown.startsWith("Promise { <pending>")) continue;
      this.held.delete(promise);
      if (shown.startsWith("Promise { <rejected>")) this.onRejected(null, context);
    }
    return this.held.size;
  }

  /** What runs, the oldest first: [context, for how many milliseconds]. */
  running() {
    const at = now();
    const began = [...new Set([...this.open, ...this.held.values()])].sort((one, other) => one.began - other.began);
    return began.slice(0, MOST).map((context) => [context, at - context.began]);
  }

  get count() {
    return this.followed + this.answering + this.look();
  }
}

module.exports = { Pending };
