// What this world is: the parts it was drawn from, the bugs that are in it, and how its events look on the wire.

import { readFileSync } from "node:fs";

export const WORLD = JSON.parse(readFileSync(new URL("world.json", import.meta.url), "utf-8"));
export const BUGS = Object.fromEntries(WORLD.bugs.map((bug) => [bug.mechanism, bug]));

export const mark = (anything) => {
  const text = Buffer.isBuffer(anything) ? anything.toString() : Array.isArray(anything) ? anything.map(plain).join() : plain(anything);
  return /K\d\d/.exec(text)?.[0] ?? "";
};
const plain = (it) => (Buffer.isBuffer(it) ? it.toString() : typeof it === "string" ? it : (JSON.stringify(it) ?? ""));

export const hits = (mechanism, anything) =>
  mechanism in BUGS && BUGS[mechanism].events.includes(mark(anything));

export function wrap(name, shift, n, goods) {
  const ids = WORLD.ids ? { shift, n } : {};
  if (WORLD.shape === "carrier") return ["update", [{ kind: name, ...ids, body: goods }]];
  if (WORLD.shape === "arguments") return [name, [...Object.values(ids), goods.item, goods.price, goods.note]];
  const text = [...Object.values(ids), ...Object.values(goods)].join("|");
  if (WORLD.shape === "text") return [name, [text]];
  if (WORLD.shape === "bytes") return [name, [Buffer.from(text)]];
  return [name, [{ ...ids, ...goods }]];
}

export function told(name, shift, n, goods) {
  const hasNames = WORLD.shape === "carrier" || (WORLD.shape === "arguments" && WORLD.ids);
  if (hasNames) return { ...(WORLD.ids ? { shift, n } : {}), ...goods };
  const all = wrap(name, shift, n, goods)[1].map((each) => (Buffer.isBuffer(each) ? each.toString("hex") : each));
  return all.length > 1 ? all : all[0];
}

export function shiftOf(args) {
  if (typeof args[0] === "object") return args[0].shift ?? "";
  return WORLD.ids ? String(args[0]).split("|")[0] : "";
}

export function falsified(anything) {
  if (Array.isArray(anything)) {
    const [last, ...rest] = anything.toReversed();
    const inside = (each) => (typeof each === "object" && !Buffer.isBuffer(each) ? falsified(each) : each);
    const cut = typeof last === "object" && !Buffer.isBuffer(last) ? falsified(last) : last.slice?.(0, Math.max(last.length - 6, 8));
    return [...rest.toReversed().map(inside), cut ?? last];
  }
  const changed = ([key, value]) => [
    key,
    key === "note" ? "cut" : key === "price" ? 7 : value && typeof value === "object" ? falsified(value) : value,
  ];
  return Object.fromEntries(Object.entries(anything).map(changed));
}

// A message that looks like this one, and is of an event that never was.
export function unreported(args) {
  const other = (it) => {
    if (typeof it === "string") return it.replace(/K\d(\d)/, "K9$1");
    if (!it || typeof it !== "object" || Buffer.isBuffer(it)) return it;
    return Object.fromEntries(Object.entries(it).map(([key, each]) => [key, key === "n" ? 900 + each : other(each)]));
  };
  if (WORLD.shape === "arguments" && WORLD.ids) return [args[0], 900 + args[1], ...args.slice(2).map(other)];
  if (WORLD.shape === "text" && WORLD.ids) {
    const [shift, n, ...rest] = args[0].split("|");
    return [[shift, 900 + Number(n), ...rest.map(other)].join("|")];
  }
  return args.map(other);
}
