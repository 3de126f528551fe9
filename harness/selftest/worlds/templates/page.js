// The page's connection and its state; the view draws what `model` says, with a framework or without.

import { io } from "socket.io-client";
import { mount } from "view";

const WORLD = window.WORLD;
const BUGS = Object.fromEntries(WORLD.bugs.map((bug) => [bug.mechanism, bug]));
const MINE = new URLSearchParams(location.search).get("shift") ?? "";
const ME = `p${Math.random().toString(36).slice(2, 10)}`;
const mark = (anything) => /K\d\d/.exec(text(anything))?.[0] ?? "";
const hits = (mechanism, anything) => mechanism in BUGS && BUGS[mechanism].events.includes(mark(anything));

// What this page did, in its own words, posted line by line.
const diary = { name: ME, lines: 0 };
window.worldDiary = diary;
function note(verb, token, more = "") {
  diary.lines += 1; // the lines may arrive in another order
  navigator.sendBeacon(`/diary?page=${ME}`, `${Date.now()}\t${verb}\t${token}\t${JSON.stringify(more)}\t${diary.lines}`);
}

function text(it) {
  if (it instanceof ArrayBuffer) return new TextDecoder().decode(it);
  if (Array.isArray(it)) return it.map(text).join("|");
  return typeof it === "string" ? it : JSON.stringify(it);
}

// State
const state = { connected: false, events: [] };
const listeners = new Set();
const change = () => listeners.forEach((listener) => listener());
if (WORLD.state) {
  window.house = {
    getState: () => state,
    subscribe: (listener) => (listeners.add(listener), () => listeners.delete(listener)),
  };
}

// An event as the page keeps it.
function read(name, args) {
  const [first] = args;
  if (WORLD.shape === "carrier") return { kind: first.kind, shift: first.shift, n: first.n, data: first.body };
  if (WORLD.shape === "fields") {
    const { shift, n, ...data } = first;
    return { kind: name, shift, n, data };
  }
  if (WORLD.shape === "arguments" && WORLD.ids) {
    const [shift, n, item, price, note] = args;
    return { kind: name, shift, n, data: { item, price, note } };
  }
  if (WORLD.shape === "arguments") return { kind: name, data: args };
  const whole = text(first);
  const [shift, n] = WORLD.ids ? whole.split("|") : [];
  return { kind: name, shift, n: n && Number(n), data: whole };
}

function item(data) {
  if (Array.isArray(data)) return data[0];
  return typeof data === "string" ? data.split("|")[WORLD.ids ? 2 : 0] : data.item;
}

let batch = [];
function keep(event) {
  if (hits("forgets-event", event.data)) return;
  if (hits("page-raises", event.data)) throw new TypeError("event.table is undefined");
  if (hits("keeps-falsified", event.data)) event = { ...event, data: falsified(event.data) };
  if (hits("reads-wrong-field", event.data)) event = { ...event, data: { ...event.data, price: event.data.cost } };
  const before = state.events.at(-1);
  if (hits("keeps-previous", event.data) && before) event = { ...event, data: { ...before.data, item: event.data.item } };
  if (hits("hides", event.data)) hide(state.events.length + 1);
  if (hits("keeps-late", event.data)) return void setTimeout(put, WORLD.delay_s * 1000, event);
  if (hits("keeps-first", event.data)) return put(event, true);
  if ("last-of-batch" in BUGS) {
    if (batch.length === 0) setTimeout(() => (put(batch.at(-1)), (batch = [])), 40);
    batch.push(event);
    return;
  }
  put(event);
  if (hits("keeps-twice", event.data)) put(event);
}

// A style that hides one row, by its place.
function hide(place) {
  const rule = `#list > :nth-child(${place}) { display: none; }`;
  document.head.append(Object.assign(document.createElement("style"), { textContent: rule }));
}

function put(event, inFront = false) {
  state.events = inFront ? [event, ...state.events] : [...state.events, event];
  const data = WORLD.shape === "bytes" ? hex(new TextEncoder().encode(event.data)) : event.data; // as it is noted that it came
  note("kept", mark(event.data), data instanceof Object || typeof data === "string" ? data : "");
  note("order", "", state.events.map((each) => mark(each.data)));
  change();
}

function falsified(data) {
  if (typeof data === "string") return data.slice(0, -6);
  if (Array.isArray(data)) return data.with(-1, "cut");
  return { ...data, price: Math.round(data.price), note: "cut" };
}

// What a person is to see.
const title = (event) => {
  if (hits("shows-other", event.data)) return "K99 nothing";
  if (hits("escapes-text", event.data)) return encodeURIComponent(item(event.data));
  if (hits("row-cuts", event.data)) return `${item(event.data).slice(0, 5)}…`;
  return hits("row-empties", event.data) ? "" : item(event.data);
};
const isFrom = (mechanism, event) => mechanism in BUGS && BUGS[mechanism].events.at(0) <= mark(event.data);
function row(event, place) {
  let what = hits("shows-other-number", event.data) ? { ...event, n: event.n + 1 } : event;
  if (hits("shows-other-name", event.data)) what = { ...event, kind: WORLD.names.find((each) => each !== event.kind) };
  const lead = WORLD.ids ? `${what.kind} #${what.n} of ${what.shift}: ` : `${what.kind}: `;
  const cells = WORLD.ids ? [what.n, what.kind, what.shift, title(what)] : [what.kind, title(what)];
  return { ...what, key: place, text: lead + title(what), cells: cells.map((each) => `${each} `) };
}

let drawn = [];
let later = null;
export function model() {
  let events = state.events;
  if (events.some((each) => hits("draws-late", each.data))) events = late(events);
  let rows = events.map(row);
  const stale = rows.findIndex((each) => hits("shows-previous", each.data));
  if (stale > 0) rows = rows.with(stale, row({ ...events[stale], data: events[stale - 1].data }, stale));
  const isLast = ({ kind }, place) => kind !== WORLD.panels[0] || rows.findLastIndex((each) => each.kind === kind) === place;
  if ("rows-by-name" in BUGS) rows = rows.filter(isLast);
  rows = rows.filter((each) => !hits("leaves-out", each.data));
  rows = rows.flatMap((each) => (hits("draws-twice", each.data) ? [each, { ...each, key: `${each.key}b` }] : [each]));
  if ("slices" in BUGS) rows = rows.slice(-4);
  if ("sorts-rows" in BUGS) rows = rows.toSorted((one, other) => (one.text < other.text ? -1 : 1));
  const swapped = rows.findIndex((each) => hits("swaps-rows", each.data));
  if (swapped > 0) rows = rows.with(swapped, rows[swapped - 1]).with(swapped - 1, rows[swapped]);
  const all = rows.length;
  if (WORLD.view === "window") rows = rows.slice(-5);
  if (WORLD.direction === "prepend") rows = rows.toReversed();
  const counted = events.filter((each) => !isFrom("counter-stops", each));
  const again = "counts-twice" in BUGS ? events.filter((each) => each.kind === WORLD.panels[0]).length : 0;
  const count = counted.length + again - ("miscounts" in BUGS && events.length > 3 ? 1 : 0);
  const panels = WORLD.panels.map((name) => ({
    name,
    number: ("panel-lags" in BUGS && events.length > 1 ? events.slice(0, -1) : events).filter((each) => !isFrom("panel-stops", each) && (each.kind === name || ("panel-counts-all" in BUGS && name === WORLD.panels[0])) && !("panel-stale" in BUGS && name === WORLD.panels[0] && each.n !== 0)).length,
  }));
  if ("panels-swap" in BUGS) panels.push({ ...panels.shift(), name: panels[0].name }, { ...panels.shift(), name: WORLD.panels[0] });
  const isQuiet = events.some((each) => "says-offline" in BUGS && BUGS["says-offline"].events.at(0) <= mark(each.data));
  const connection = state.connected && !isQuiet ? "online" : "offline";
  return { view: WORLD.view, connection, count, rows, panels, note: `${rows.length} of ${all}` };
}

// A page that draws one event much later than it has it.
function late(events) {
  const until = events.findIndex((each) => hits("draws-late", each.data));
  if (later === "over") return events;
  later ??= setTimeout(() => ((later = "over"), change()), WORLD.delay_s * 1000);
  return events.slice(0, until);
}

mount(document.querySelector("#app"), model, (listener) => listeners.add(listener));

// What is on the screen, in this page's own words: the rows' texts whenever they change.
const screen = () => {
  const rows = [...document.querySelectorAll("#list > li, #list tr")].filter((each) => each.checkVisibility());
  const seen = {
    rows: rows.map((each) => each.textContent.trim()),
    count: document.querySelector("#count")?.textContent,
    connection: document.querySelector("#status")?.textContent,
    open: socket.connected,
    panels: Object.fromEntries(
      [...document.querySelectorAll("section b")].map((each) => [each.closest("section").id, Number(each.textContent)]),
    ),
  };
  note("screen", "", seen);
};
new MutationObserver(screen).observe(document.querySelector("#app"), {
  subtree: true,
  childList: true,
  characterData: true,
  attributes: true,
});

// The connection
const transports = { polling: ["polling"], websocket: ["websocket"], upgrade: ["polling", "websocket"] };
const socket = io({ transports: transports[WORLD.transport], auth: { page: ME } });
const say = (connected) => {
  state.connected = connected;
  change();
};

const hex = (bytes) => [...new Uint8Array(bytes)].map((each) => each.toString(16).padStart(2, "0")).join("");

socket.on("connect", () => {
  if (WORLD.contract === "subscription") socket.emit("join", MINE, () => say(true));
  else say(true);
});
socket.on("disconnect", () => say(false));
socket.on("shift-begun", ({ shift }) => socket.emit("join", shift, () => {}));
// When the page takes in what came. What it throws then stops nothing else.
const LATER_MS = 1010;
let asked = Promise.resolve();
const helper = WORLD.takes === "worker" && new Worker(URL.createObjectURL(new Blob([
  "onmessage = ({ data }) => setTimeout(() => postMessage(data), 200)",
])));
if (helper) helper.onmessage = ({ data }) => keep(data);
const ways = {
  now: keep,
  timer: (event) => setTimeout(keep, LATER_MS, event),
  fetch: (event) => (asked = asked.then(() => fetch("/page.js")).then((answer) => answer.text()).then(() => void setTimeout(keep, 0, event))),
  worker: (event) => helper.postMessage(event),
};
const take = (name, args) => ways[WORLD.takes](read(name, args));
for (const name of WORLD.wire) {
  const heard = "name-unlistened" in BUGS && name === WORLD.wire.at(-2) ? `${name}s` : name;
  const listen = "listens-once" in BUGS && name === WORLD.wire.at(-2) ? "once" : "on";
  socket[listen](heard, (...args) => take(name, args));
  if ("listens-twice" in BUGS && name === WORLD.wire.at(-2)) socket.on(name, (...args) => take(name, args));
}
if ("two-connections" in BUGS) {
  const second = io({ transports: transports[WORLD.transport], auth: { page: `${ME}x` }, forceNew: true });
  second.on("connect", () => WORLD.contract === "subscription" && second.emit("join", MINE, () => {}));
  second.on("shift-begun", ({ shift }) => second.emit("join", shift, () => {}));
  second.onAny((name, ...args) => WORLD.wire.includes(name) && (got(name, args), take(name, args)));
}
if (WORLD.noise === "clock") {
  const clock = document.body.appendChild(document.createElement("footer"));
  setInterval(() => (clock.textContent = new Date().toISOString()), 100);
}
const got = (name, args) =>
  note("got", mark(args), [name, args.map((each) => (each instanceof ArrayBuffer ? hex(each) : each))]);
socket.onAny((name, ...args) => {
  if (!WORLD.wire.includes(name)) return;
  got(name, args);
  const isOver = "stops-listening" in BUGS && BUGS["stops-listening"].events.at(0) <= mark(args);
  if (isOver) for (const each of WORLD.wire) socket.off(each);
});
