// What handlers return. Node's emitter drops it, so for the handlers of socket.io it is emitted in its place.
//
// A prototype between socket.io's sockets and EventEmitter has an `emit` that does what Node's does, for as long as a
// client's event is handed to its handlers, and sees what they return. It is compiled under the name and at the place of
// Node's own, for it is on the stack under the program's handlers: what they print of it reads as ever.
"use strict";

const { EventEmitter } = require("node:events");
const vm = require("node:vm");
const { sitesOf } = require("./where.cjs");

const NATIVE = EventEmitter.prototype.emit;

/** Have `saw(handler, result, context)` told of every handler of `Socket` and of its namespaces' connections. */
function watchHandlers(Socket, parts, saw) {
  const emit = compile((handler, result) => {
    const { running } = parts;
    if (running) saw(handler, result, running);
  });
  const own = Object.create(EventEmitter.prototype, {
    emit: {
      configurable: true,
      get() {
        const { running } = parts;
        const isOurs = running && running.emitter === this && running.event !== "error" && !captures(this);
        return isOurs && EventEmitter.prototype.emit === NATIVE ? emit : EventEmitter.prototype.emit;
      },
    },
  });
  for (let each = Socket.prototype; each !== null; each = Object.getPrototypeOf(each)) {
    if (Object.getPrototypeOf(each) === EventEmitter.prototype) {
      Object.setPrototypeOf(each, own);
      return;
    }
  }
}

const CAPTURE = Object.getOwnPropertySymbols(new EventEmitter()).find((each) => each.description === "kCapture");

/** Whether Node itself looks at what this emitter's handlers return. */
function captures(emitter) {
  return CAPTURE !== undefined && emitter[CAPTURE] === true;
}

// In pieces, each short enough to stand where Node's own call stands in its line.
const HEAD =
  "(saw)=>({emit(type,...args){const h=this._events[type];if(h===undefined)return false;if(typeof h==='function'){";
const ONE = "saw(h,h.apply(this,args));";
const BETWEEN = "return true}const l=h.slice();for(let i=0;i<l.length;i++)";
const MANY = "saw(l[i],l[i].apply(this,args));";
const TAIL = "return true}})";

/** An `emit` that stands where Node's stands, and hands on what handlers return. */
function compile(saw) {
  const [one, many] = [places(1), places(2)];
  if (one.line < 2 || many.line <= one.line) return vm.runInThisContext(HEAD + ONE + BETWEEN + MANY + TAIL)(saw).emit;
  const padded = (code, { column }) => code.padStart(column - 1 - code.indexOf("apply") + code.length);
  const down = "\n".repeat(many.line - one.line);
  const source = `${HEAD}\n${padded(ONE, one)}${BETWEEN}${down}${padded(MANY, many)}${TAIL}`;
  return vm.runInThisContext(source, { filename: "node:events", lineOffset: one.line - 2 })(saw).emit;
}

/** Where Node's `emit` calls its handlers: where it has one of them, and where it has several. */
function places(count) {
  const probe = new EventEmitter();
  let found = { line: 0, column: 0 };
  probe.on("probe", function look() {
    const site = sitesOf({}, look)[0];
    if (site?.getFileName() === "node:events") found = { line: site.getLineNumber(), column: site.getColumnNumber() };
  });
  for (let more = 1; more < count; more += 1) probe.on("probe", () => {});
  probe.emit("probe");
  return found;
}

module.exports = { watchHandlers };
