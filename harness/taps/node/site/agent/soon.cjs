// Calls something a little later, without a timer or an immediate of Node's.
//
// Those run in batches: beside one of the agent's, a callback of the program's would run in another place of its batch,
// and its stack would show that. `Atomics.waitAsync` has a time-out of V8's own, which keeps no process alive.
"use strict";

const { Atomics, Int32Array, SharedArrayBuffer, setTimeout } = globalThis;
const then = Promise.prototype.then;
const cell = new Int32Array(new SharedArrayBuffer(4));

/** Call `what` after about `ms` (more than 0), if the process is still there. */
function soon(what, ms) {
  if (typeof Atomics.waitAsync === "function") then.call(Atomics.waitAsync(cell, 0, 0, ms).value, what);
  else setTimeout(what, ms).unref();
}

/** Block for `ms`. */
function pause(ms) {
  Atomics.wait(cell, 0, 0, ms);
}

module.exports = { pause, soon };
