// The work that the page has still before it: short timers, frames and posted tasks. What is pending, the page isn't still.

const SHORT_MS = 1000; // a longer timer is not rendering
const REPEATS = 3; // a callback that has come back so often and changed nothing, will change nothing

const nativeFrame = globalThis.requestAnimationFrame?.bind(globalThis);

/** `later`, where there is one, takes the timers that are too long to be part of rendering. */
const makeCensus = (records, changes, later = null) => {
  const { safely } = records;
  const pending = { timer: new Map(), frame: new Map(), idle: new Map() };
  const intervals = new Map(); // id → {frames: the count of wire frames when it last fired}
  const lastOf = new WeakMap(); // callback → its last entry
  let firing = null;

  /** An entry of the census. `repeats` counts how often it came back with no frame in and nothing changed between. */
  function arm(callback) {
    const isOwn = firing !== null && (firing.callback === callback || String(firing.callback) === String(callback));
    const former = isOwn ? firing : lastOf.get(callback);
    const isIdle = former !== undefined && former.hasFired && former.hard === changes.hard && former.frames === changes.frames;
    const entry = { callback, repeats: isIdle ? former.repeats + 1 : 0, hard: changes.hard, frames: changes.frames, hasFired: false };
    lastOf.set(callback, entry);
    return entry;
  }

  function fire(entry, self, values) {
    const outer = firing;
    firing = entry;
    entry.hasFired = true;
    try {
      return Reflect.apply(entry.callback, self, values);
    } finally {
      firing = outer;
    }
  }

  function counted(name, kind, isShort) {
    replaceGlobal(name, {
      apply(target, self, args) {
        const [callback, ...rest] = args;
        if (typeof callback !== "function") return Reflect.apply(target, self, args);
        if (!isShort(rest[0])) return later ? later.timeout(target, self, args) : Reflect.apply(target, self, args);
        const entry = safely(() => arm(callback));
        if (entry === undefined) return Reflect.apply(target, self, args);
        const run = function (...values) {
          pending[kind].delete(id);
          return fire(entry, this, values);
        };
        const id = Reflect.apply(target, self, [run, ...rest]);
        pending[kind].set(id, entry);
        return id;
      },
    });
  }

  function repeated() {
    replaceGlobal("setInterval", {
      apply(target, self, args) {
        const [callback, delay, ...rest] = args;
        if (typeof callback !== "function") return Reflect.apply(target, self, args);
        // One second or more: a clock mostly, and not how a page renders.
        if (Number(delay) >= SHORT_MS) return later ? later.interval(target, self, args) : Reflect.apply(target, self, args);
        const entry = { frames: changes.frames };
        const run = function (...values) {
          entry.frames = changes.frames;
          changes.isTick = true;
          try {
            return Reflect.apply(callback, this, values);
          } finally {
            changes.isTick = false;
          }
        };
        const id = Reflect.apply(target, self, [run, delay, ...rest]);
        intervals.set(id, entry);
        return id;
      },
    });
  }

  function cancelled(name, maps) {
    replaceGlobal(name, {
      apply(target, self, args) {
        for (const map of maps) map.delete(args[0]);
        return Reflect.apply(target, self, args);
      },
    });
  }

  function posted(owner, name) {
    if (typeof owner?.[name] !== "function") return;
    replace(owner, name, {
      apply(target, self, args) {
        changes.posts++;
        return Reflect.apply(target, self, args);
      },
    });
  }

  const isShortDelay = (delay) => !(Number(delay) > SHORT_MS);
  counted("setTimeout", "timer", isShortDelay);
  if (nativeFrame) counted("requestAnimationFrame", "frame", () => true);
  if (globalThis.requestIdleCallback) counted("requestIdleCallback", "idle", () => true);
  repeated();
  const timers = [pending.timer, intervals, ...(later ? [{ delete: later.cancel }] : [])];
  for (const name of ["clearTimeout", "clearInterval"]) cancelled(name, timers);
  if (nativeFrame) cancelled("cancelAnimationFrame", [pending.frame]);
  if (globalThis.cancelIdleCallback) cancelled("cancelIdleCallback", [pending.idle]);
  posted(MessagePort.prototype, "postMessage");
  posted(globalThis, "postMessage");
  posted(globalThis.Scheduler?.prototype, "postTask");

  return {
    /** What is pending: `once` may still change the page, `repeating` has shown that it doesn't. */
    count(kinds = Object.keys(pending)) {
      const found = { once: 0, repeating: 0, what: new Set() };
      for (const [kind, entries] of kinds.map((each) => [each, pending[each]])) {
        for (const { repeats } of entries.values()) {
          if (repeats >= REPEATS) found.repeating++;
          else found.once++, found.what.add(kind);
        }
      }
      // What an interval collects it shows when it fires: it must have fired after the last frame.
      for (const { frames } of intervals.values()) if (frames !== changes.frames) found.once++, found.what.add("interval");
      return found;
    },
  };
};
