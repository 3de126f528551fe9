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
  const { emit } = compile(RESULTS)((handler, result) => {
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

/** Have `saw(type, args)` told of all that one emitter emits but errors, before its listeners are. Returns what ends it. */
function watchEmits(emitter, saw) {
  looking ??= compile(LOOKS)(NATIVE);
  const { emit } = looking(saw);
  const get = () => (EventEmitter.prototype.emit === NATIVE && !captures(emitter) ? emit : EventEmitter.prototype.emit);
  Object.defineProperty(emitter, "emit", {
    configurable: true,
    get,
    set(value) {
      Object.defineProperty(emitter, "emit", { value, configurable: true, enumerable: true, writable: true });
    },
  });
  return () => {
    if (Object.getOwnPropertyDescriptor(emitter, "emit")?.get === get) delete emitter.emit;
  };
}

let looking = null;

// In pieces, each short enough to stand where Node's own call stands in its line.
const RESULTS = {
  head: "(saw)=>({emit(type,...args){",
  one: "saw(h,h.apply(this,args));",
  many: "saw(l[i],l[i].apply(this,args));",
};
const LOOKS = {
  head: "(native)=>(saw)=>({emit(type,...args){if(type==='error')return native.call(this,type,...args);saw(type,args);",
  one: "h.apply(this,args);",
  many: "l[i].apply(this,args);",
};
const FIND = "const h=this._events[type];if(h===undefined)return false;if(typeof h==='function'){";
const BETWEEN = "return true}const l=h.slice();for(let i=0;i<l.length;i++)";
const TAIL = "return true}})";

/** What makes an `emit` that stands where Node's stands, from the pieces in which it differs from that. */
function compile({ head, one, many }) {
  const [first, second] = [places(1), places(2)];
  const above = head + FIND;
  if (first.line < 2 || second.line <= first.line) return vm.runInThisContext(above + one + BETWEEN + many + TAIL);
  const padded = (code, { column }) => code.padStart(column - 1 - code.indexOf("apply") + code.length);
  const down = "\n".repeat(second.line - first.line);
  const source = `${above}\n${padded(one, first)}${BETWEEN}${down}${padded(many, second)}${TAIL}`;
  return vm.runInThisContext(source, { filename: "node:events", lineOffset: first.line - 2 });
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

module.exports = { watchEmits, watchHandlers };
