// Which names the page listens to, on each socket of its Socket.IO client, and where in its code that changed.
//
// A client in a bundle is not a global. What finds it is the first thing that every version does: it gives a new Manager
// its sockets, `nsps`. The names used here (nsps, engine.id, socket, listeners, listenersAny, on, off) are public, so a
// minifier leaves them alone.

const REGISTER = ["on", "addEventListener", "once", "onAny", "prependAny"];
const REMOVE = ["off", "removeListener", "removeAllListeners", "removeEventListener", "offAny"];
const OVERRIDDEN = ["onevent", "emitEvent", "onpacket"]; // how a page takes every message without a listener
const ANY = "*";

const makeListeners = (records) => {
  const { safely } = records;
  const tapped = new WeakMap(); // prototype → names of its functions that are replaced
  const managers = [];
  const known = new Map(); // socket → {s, counts: name → count}
  let depth = 0; // of calls inside of the client: the outermost is the page's

  Object.defineProperty(Object.prototype, "nsps", {
    configurable: true,
    enumerable: false,
    get: () => undefined,
    set(value) {
      Object.defineProperty(this, "nsps", { value, configurable: true, enumerable: true, writable: true });
      safely(() => found(this));
    },
  });

  function found(manager) {
    if (managers.includes(manager) || typeof manager.socket !== "function") return;
    managers.push(manager);
    tapMethods(manager, ["socket"], (_self, _args, socket) => meet(socket));
    tapMethods(manager, [...REGISTER, ...REMOVE], changed);
  }

  /** Replaces functions in an object's prototypes; `then` is told what came of each of the page's own calls. */
  function tapMethods(object, names, then) {
    for (let owner = Object.getPrototypeOf(object); owner !== null && owner !== Object.prototype; owner = Object.getPrototypeOf(owner)) {
      const done = tapped.get(owner) ?? new Set();
      tapped.set(owner, done);
      for (const name of names) {
        if (done.has(name) || typeof Object.getOwnPropertyDescriptor(owner, name)?.value !== "function") continue;
        done.add(name);
        replace(owner, name, traps(name, then));
      }
    }
  }

  function traps(name, then) {
    const apply = (target, self, args) => {
      depth++;
      let result;
      try {
        result = Reflect.apply(target, self, args);
      } finally {
        depth--;
      }
      safely(() => then(self, args, result, depth === 0 ? apply : null, name));
      return result;
    };
    return { apply };
  }

  function meet(socket) {
    if (typeof socket?.nsp !== "string" || known.has(socket)) return;
    known.set(socket, { s: known.size + 1, counts: new Map(), onces: new Map() });
    tapMethods(socket, [...REGISTER, ...REMOVE], changed);
  }

  function changed(socket, [name, listener], _result, apply, method) {
    if (!known.has(socket) || apply === null) return;
    const { counts, onces } = known.get(socket);
    const names = typeof name === "string" ? [name] : [...counts.keys()];
    // a listener of `once` takes itself away: the page's own line is where it was added, with what it stands for in `fn`
    const isOnce = method === "off" && typeof listener?.fn === "function" && onces.has(name);
    const where = isOnce ? onces.get(name) : placeOf(apply);
    if (method === "once") onces.set(name, where);
    for (const each of [...names, ANY]) note(socket, each, where, isOnce);
  }

  function note(socket, name, where, isOnce = false) {
    const { s, counts } = known.get(socket);
    const count = name === ANY ? ofAny(socket) : socket.listeners(name).length;
    if (counts.get(name) === count || (name === ANY && count === 0 && !counts.has(name))) return;
    counts.set(name, count);
    records.add("listens", { s, ns: socket.nsp, name, count, where, isOnce });
  }

  const ofAny = (socket) => (socket.listenersAny?.().length ?? 0) + OVERRIDDEN.filter((name) => Object.hasOwn(socket, name)).length;

  /** Before the client hands on a message: who of the page listens to its name. */
  function heard(connection, ns, body) {
    const name = /^\["((?:[^"\\]|\\.)*)"/.exec(body)?.[1];
    if (name === undefined) return;
    for (const manager of managers) {
      const socket = manager.engine?.id === connection.sid ? manager.nsps[ns] : undefined;
      if (!known.has(socket)) continue;
      note(socket, fromJson(`"${name}"`), null);
      note(socket, ANY, null);
    }
  }

  return { heard };
};

/** The line of the page's code that called a function of ours; null where the engine doesn't tell it. */
const placeOf = (called) => {
  if (Error.captureStackTrace === undefined || Error.prepareStackTrace !== undefined) return null;
  const holder = {};
  Error.captureStackTrace(holder, called);
  const line = String(holder.stack).split("\n").find((each) => /^\s+at /.test(each)) ?? "";
  const [, url, at] = /((?:https?|blob):[^\s()]+?):(\d+):\d+/.exec(line) ?? [];
  if (url === undefined) return null;
  const caller = /^\s+at (?:async )?([^\s(]+) \(/.exec(line)?.[1];
  return `${new URL(url).pathname}:${at}${caller === undefined ? "" : ` ${caller}`}`.slice(0, 200);
};
