// What the page has set itself to do later than rendering takes, and may still draw: timers of a second or more, and what
// it has asked of a server by HTTP.

const LONGEST_MS = 30_000; // a longer one is a time-out, and not how a page draws
const MOST_LATER = 20;

const makeLater = (changes) => {
  const waiting = new Map(); // id of the timer, or a symbol → {what, due, period, frames, told}
  const drawing = new Set(); // what was done when the page changed: the source of a callback, or the name of a request

  const moved = () => changes.hard + changes.soft;

  /** What the page shows may change within two frames from now: that is what this does, as far as one can see. */
  function watch(what) {
    const before = moved();
    nativeFrame(() => nativeFrame(() => moved() !== before && drawing.add(String(what))));
  }

  function tell(entry) {
    for (const told of entry.told.splice(0)) told();
  }

  function set(target, self, [callback, delay, ...rest], isRepeated) {
    const ms = Number(delay);
    if (!(ms <= LONGEST_MS)) return Reflect.apply(target, self, [callback, delay, ...rest]);
    const entry = { what: callback, due: now() + ms, period: isRepeated ? ms : null, frames: changes.frames, told: [] };
    const run = function (...values) {
      if (isRepeated) Object.assign(entry, { due: now() + ms, frames: changes.frames });
      else waiting.delete(id);
      watch(callback);
      try {
        return Reflect.apply(callback, this, values);
      } finally {
        tell(entry);
      }
    };
    const id = Reflect.apply(target, self, [run, delay, ...rest]);
    waiting.set(id, entry);
    return id;
  }

  /** An interval that fired after the last frame came has shown by now what it collects. */
  const isOver = ({ period, frames }) => period !== null && frames === changes.frames;
  const left = () => [...waiting.values()].filter((entry) => !isOver(entry)).slice(0, MOST_LATER);

  return {
    timeout: (target, self, args) => set(target, self, args, false),
    interval: (target, self, args) => set(target, self, args, true),
    cancel(id) {
      const entry = waiting.get(id);
      if (entry !== undefined && waiting.delete(id)) tell(entry);
    },
    /** Something of that name has begun that ends by itself. Returns what is to be called at its end. */
    begin(what) {
      const id = Symbol("work");
      const entry = { what, due: now(), period: null, frames: 0, told: [] };
      waiting.set(id, entry);
      return () => {
        if (!waiting.delete(id)) return;
        watch(what);
        tell(entry);
      };
    },
    /** What is left: in how many milliseconds it is due, and whether the page changed when the same was done before. */
    view: () => left().map(({ what, due }) => ({ ms: Math.max(0, due - now()), draws: drawing.has(String(what)) })),
    /** Until all is done that is due within so many milliseconds, or these are over. */
    async pass(ms) {
      const timer = until(now() + ms);
      const due = left().filter((entry) => entry.due <= now() + ms);
      const done = Promise.all(due.map((entry) => new Promise((resolve) => entry.told.push(resolve))));
      await Promise.race([done, timer.over]);
      timer.cancel();
    },
  };
};
