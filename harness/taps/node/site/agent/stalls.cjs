// What keeps the event loop: a handler that computes, or waits without `await`.
//
// What a handler does before its first `await` is measured itself. What comes later shows in a beat that is late, which
// runs only while something is handled: it is told of the one handler that was at work, or of none where several were.
"use strict";

const { performance } = require("node:perf_hooks");
const { text } = require("./encode.cjs");
const { soon } = require("./soon.cjs");

const BEAT_MS = 50;
const STALL_MS = 100; // shorter ones are everyday

const now = performance.now.bind(performance);

class Stalls {
  constructor({ wire, pending }) {
    this.wire = wire;
    this.pending = pending;
    this.began = 0; // when the handler that runs began
    this.toldUntil = 0;
    this.due = 0;
    this.isBeating = false;
    this.hasBegun = false; // a handler, since the last beat
    this.beat = () => this.look();
  }

  /** A handler begins. */
  begin() {
    this.began = now();
    this.hasBegun = true;
    if (this.isBeating) return;
    this.isBeating = true;
    this.due = this.began + BEAT_MS;
    soon(this.beat, BEAT_MS);
  }

  /** It has returned, or awaits something. `context` says which: {sid, event}. */
  end(context) {
    const at = now();
    if (at - this.began >= STALL_MS) this.tell(at - this.began, context);
    this.toldUntil = at;
  }

  look() {
    const at = now();
    const since = Math.max(this.due, this.toldUntil);
    const { open, closed } = this.pending;
    if (at - since >= STALL_MS) {
      const working = [...open];
      for (const [context, when] of closed) if (when >= since) working.push(context);
      const events = new Set(working.map((each) => each.event));
      this.tell(at - since, events.size === 1 ? working[0] : { sid: null, event: null });
    }
    closed.length = 0;
    this.isBeating = (this.hasBegun || open.size > 0) && this.wire.fd >= 0;
    this.hasBegun = false;
    this.due = at + BEAT_MS;
    if (this.isBeating) soon(this.beat, BEAT_MS);
  }

  tell(ms, { sid, event }) {
    this.wire.put("blocked", `"ms":${ms.toFixed(1)},"sid":${text(sid)},"event":${text(event)},"where":null`);
  }
}

module.exports = { Stalls };
