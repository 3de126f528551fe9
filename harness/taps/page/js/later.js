// What the page has set itself to do later than rendering takes, and may still draw: timers of a second or more, and what
// it has asked of a server by HTTP.

const LONGEST_MS = 30_000; // a longer one is a time-out, and not how a page draws
const MOST_LATER = 20;
const FRUITLESS = 2; // what came to nothing so often, with news between, draws nothing: a clock, a note that goes away

const makeLater = (changes) => {
  const waiting = new Map(); // id of the timer, or a symbol → {what, due, comesBack, frames, told}
  const tried = new Map(); // the source of a callback, or the name of a request → {drew, fruitless, before}

  let firing = null;

  const moved = () => changes.hard + changes.soft;

  /** What the page shows may change within two frames from now: that is what this does, as far as one can see. */
  function watch(what) {
    const name = String(what);
    const before = moved();
    const known = tried.get(name) ?? { drew: false, fruitless: 0, before: null };
    tried.set(name, known);
    nativeFrame(() =>
      nativeFrame(() => {
        if (moved() !== before) known.drew = true;
        else if (known.before !== before) known.fruitless++; // the page had changed since it was tried before
        known.before = before;
      }),
    );
  }

  /** Whether the page changed when the same was done before; null where that is not known yet. */
  function draws(what) {
    const { drew, fruitless } = tried.get(String(what)) ?? { drew: false, fruitless: 0 };
    return drew || (fruitless >= FRUITLESS ? false : null);
  }

  function tell(entry) {
    for (const told of entry.told.splice(0)) told();
  }

  function set(target, self, [callback, delay, ...rest], isRepeated) {
    const ms = Number(delay);
    if (!(ms <= LONGEST_MS)) return Reflect.apply(target, self, [callback, delay, ...rest]);
    const comesBack = isRepeated || (firing !== null && String(firing) === String(callback)); // by itself, or set anew each time
    const entry = { what: callback, due: now() + ms, comesBack, frames: changes.frames, told: [] };
    const run = function (...values) {
      if (isRepeated) Object.assign(entry, { due: now() + ms, frames: changes.frames });
      else waiting.delete(id);
      watch(callback);
      const outer = firing;
      firing = callback;
      try {
        return Reflect.apply(callback, this, values);
      } finally {
        firing = outer;
        tell(entry);
      }
    };
    const id = Reflect.apply(target, self, [run, delay, ...rest]);
    waiting.set(id, entry);
    return id;
  }

  /** What comes back and was done after the last frame came has shown by now what it collects. */
  const isOver = ({ comesBack, frames }) => comesBack && frames === changes.frames;
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
      const entry = { what, due: now(), comesBack: false, frames: 0, told: [] };
      waiting.set(id, entry);
      return () => {
        if (!waiting.delete(id)) return;
        watch(what);
        tell(entry);
      };
    },
    /** What is left: in how many milliseconds it is due, and whether it draws. */
    view: () => left().map(({ what, due }) => ({ ms: Math.max(0, due - now()), draws: draws(what) })),
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
