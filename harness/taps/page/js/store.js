// The page's state: each item of the store's list of events, once, when the store first holds it.

/** Bytes in a state, as they are told of a message. `this` is what they are in. */
const told = (_, value) => {
  if (!(value instanceof ArrayBuffer) && !ArrayBuffer.isView(value)) return value;
  const { size, ...more } = described(value);
  return { _bytes: size, ...more };
};

const SESSION = "{session}";
const MOST_SESSIONS = 1000;
const MOST_OF_VALUE = 100;

const stepInto = (value, name) => (value instanceof Map && value.has(name) ? value.get(name) : value?.[name]);

const atPath = (value, path) => path.reduce(stepInto, value);

/** What a state holds beside its events: `[session, name, text]` of each value, `session` null where it is of none. */
const readState = (state, values) => {
  const found = [];
  const add = (session, name, value) => {
    if (value === undefined || typeof value === "function") return;
    const text = value === null ? "" : typeof value === "object" ? toJson(value) : String(value);
    found.push([session, name, text.slice(0, MOST_OF_VALUE)]);
  };
  for (const [name, path] of values) {
    const steps = path.split(".");
    const place = steps.indexOf(SESSION);
    if (place < 0) add(null, name, atPath(state, steps));
    else {
      const all = atPath(state, steps.slice(0, place));
      const sessions = all instanceof Map ? [...all.keys()] : Object.keys(all ?? {});
      for (const session of sessions.slice(0, MOST_SESSIONS)) {
        add(String(session), name, atPath(stepInto(all, session), steps.slice(place + 1)));
      }
    }
  }
  return found;
};

const makeStore = (spec, records, changes) => {
  if (spec === null) return { check() {}, view: () => null, isAttached: () => false };
  const { safely } = records;
  const counts = new Map(); // session/seq/type → how often it was recorded
  const held = new WeakSet(); // the items that were recorded
  let store = null;
  let list = []; // the list as it was last read, and its ends: it may be changed in place
  let length = 0;
  let first;
  let last;

  function identity(item) {
    return `${item?.[spec.session]}/${item?.[spec.seq]}/${item?.[spec.type]}`;
  }

  function read() {
    const items = store[spec.get]()?.[spec.events];
    return Array.isArray(items) ? items : [];
  }

  function record(item, index) {
    const key = identity(item);
    counts.set(key, (counts.get(key) ?? 0) + 1);
    if (typeof item === "object" && item !== null) held.add(item);
    changes.hard++;
    const { [spec.type]: type, [spec.session]: session, [spec.seq]: seq } = item ?? {};
    const fields = spec.fields.filter((name) => item?.[name] !== undefined).map((name) => [name, item[name]]);
    const rest = fields.length === 0 ? null : safely(() => toJson(Object.fromEntries(fields), told)) ?? null;
    records.add("applied", { index, type, session, seq, data: dataOf(item), rest });
  }

  function dataOf(item) {
    const data = spec.data === null ? undefined : item?.[spec.data];
    return safely(() => toJson(data, told)) ?? null;
  }

  /** What is new: after the old end where the list grew, else whatever is there more often than it was recorded. */
  function check() {
    if (store === null && !attach()) return;
    const items = read();
    if (items === list && items.length === length && items[length - 1] === last) return;
    const hasGrown = length === 0 ? counts.size === 0 : items[0] === first && items[length - 1] === last;
    if (items.length >= length && hasGrown) {
      for (let index = length; index < items.length; index++) record(items[index], index);
    } else {
      const known = last === undefined ? -1 : items.lastIndexOf(last);
      if (known >= 0 && known < items.length - 1 && items.length <= length) scanFrom(items, known + 1);
      else scanAll(items);
    }
    list = items;
    length = items.length;
    first = items[0];
    last = items[length - 1];
  }

  // A list with a limit: the oldest went, the newest are after the one that was last.
  function scanFrom(items, start) {
    for (let index = start; index < items.length; index++) record(items[index], index);
  }

  function scanAll(items) {
    const places = new Map(); // session/seq/type → where its items are
    items.forEach((item, index) => {
      const key = identity(item);
      if (!places.has(key)) places.set(key, []);
      places.get(key).push(index);
    });
    const found = [...places].flatMap(([key, mine]) => newest(items, mine, mine.length - (counts.get(key) ?? 0)));
    for (const index of found.sort((one, other) => one - other)) record(items[index], index);
  }

  /** Of items that nothing tells apart those that are new: objects that were never recorded, or else the last. */
  function newest(items, places, extra) {
    if (extra <= 0) return [];
    const unknown = places.filter((index) => !held.has(items[index]));
    return unknown.length === extra ? unknown : places.slice(-extra);
  }

  function attach() {
    const found = window[spec.global];
    if (typeof found?.[spec.get] !== "function") return false;
    store = found;
    if (typeof found[spec.subscribe] === "function") found[spec.subscribe](() => safely(check));
    return true;
  }

  // Until the page sets its global, a setter waits for it. Then it becomes a plain property.
  function awaitGlobal() {
    if (spec.global in window) return;
    Object.defineProperty(window, spec.global, {
      configurable: true,
      enumerable: false,
      get: () => undefined,
      set(value) {
        Object.defineProperty(window, spec.global, { value, configurable: true, enumerable: true, writable: true });
        safely(check);
      },
    });
  }

  function view() {
    check();
    if (store === null) return null;
    const events = read().map((item) => {
      const { [spec.type]: type, [spec.session]: session, [spec.seq]: seq } = item ?? {};
      return { type, session, seq, data: seq === undefined ? dataOf(item) : null }; // what has no number says which it is
    });
    const connection = spec.connection === null ? null : store[spec.get]()?.[spec.connection];
    const values = spec.values.length === 0 ? null : safely(() => readState(store[spec.get](), spec.values)) ?? null;
    return { events, connection: connection ?? null, values };
  }

  awaitGlobal();
  return { check: () => safely(check), view, isAttached: () => store !== null };
};
