// Which event's handler emits: the one that runs, or the one that set the timer that runs.
//
// Node numbers each turn of its own and what began it, with or without a listener; nothing is switched on for that. What follows an
// `await` or an answer of another server has no such number: of that nothing is told.
"use strict";

const { executionAsyncId, executionAsyncResource, triggerAsyncId } = require("node:async_hooks");
const { Arrivals } = require("./arrivals.cjs");

const MOST = 2000; // events that came and were not handed on
const PLACES = 16384; // turns that are remembered: of some thousand events

class Requests {
  constructor() {
    this.numbers = new Arrivals(MOST); // event, as its array, to its number, until it is handed to its handlers
    this.turns = new Turns(); // Node's number of a turn to that of the event that is worked on in it
  }

  /** An event has come; its number is that of its record. What listens to all events hears of it in this turn. */
  came(event, number) {
    this.numbers.add(event, number);
    this.turns.set(executionAsyncId(), number);
  }

  /** Its handlers run in this turn. */
  handled(event) {
    const number = this.numbers.take(event);
    if (number !== undefined) this.turns.set(executionAsyncId(), number);
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

/**
 * What was told of the latest turns, by their numbers: each has one place, and a later one takes it. Node counts on and
 * on, and a map that forgets its oldest entry at each new one costs more than all the rest.
 */
class Turns {
  constructor() {
    this.turns = new Float64Array(PLACES);
    this.numbers = new Float64Array(PLACES);
  }

  set(turn, number) {
    const at = turn % PLACES;
    this.turns[at] = turn;
    this.numbers[at] = number;
  }

  get(turn) {
    const at = turn % PLACES;
    return turn !== 0 && this.turns[at] === turn ? this.numbers[at] : undefined;
  }
}

module.exports = { Requests };
