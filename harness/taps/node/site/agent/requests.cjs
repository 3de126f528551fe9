// Which event's handler emits: the one that runs, or the one that set the timer that runs.
//
// Node numbers each turn of its own and what began it, with or without a listener; nothing is switched on for that. What follows an
// `await` or an answer of another server has no such number: of that nothing is told.
"use strict";

const { executionAsyncId, executionAsyncResource, triggerAsyncId } = require("node:async_hooks");

const MOST = 2000; // events whose handlers may still emit

class Requests {
  constructor() {
    this.last = 0;
    this.numbers = new Map(); // event, as its array, to its number, until it is handed to its handlers
    this.turns = new Map(); // Node's number of a turn to that of the event that is worked on in it
  }

  /** An event has come; its number. What listens to all events hears of it in this turn. */
  came(event) {
    const number = ++this.last;
    put(this.numbers, event, number);
    put(this.turns, executionAsyncId(), number);
    return number;
  }

  /** Its handlers run in this turn. */
  handled(event) {
    const number = this.numbers.get(event);
    if (number === undefined) return;
    this.numbers.delete(event);
    put(this.turns, executionAsyncId(), number);
  }

  /** Whose handler runs: its number, null for no handler's, undefined where that is not known. */
  running() {
    const turn = executionAsyncId();
    const own = this.turns.get(turn);
    if (own !== undefined || turn === 0) return own;
    const { constructor, _repeat } = executionAsyncResource() ?? {};
    if (constructor?.name === "Timeout" && typeof _repeat === "number") return null; // set once, it works for all events
    return this.turns.get(triggerAsyncId());
  }
}

function put(map, key, value) {
  map.set(key, value);
  if (map.size > MOST) map.delete(map.keys().next().value);
}

module.exports = { Requests };
