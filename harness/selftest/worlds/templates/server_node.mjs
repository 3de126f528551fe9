// Socket.IO's own server, on Node. With FIRST in its environment it is a second one that follows the first.

import { appendFileSync, existsSync, mkdirSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import { Worker } from "node:worker_threads";
import { Server } from "socket.io";
import { io } from "socket.io-client";
import { BUGS, WORLD, falsified, hits, mark, shiftOf, unreported } from "./settings.mjs";

const here = (file) => new URL(file, import.meta.url);
const modules = {
  "/page.js": "page.js",
  "/view.js": `view_${WORLD.page}.js`,
  "/modules/socket.io.js": "node_modules/socket.io-client/dist/socket.io.esm.min.js",
  "/modules/vue.js": "node_modules/vue/dist/vue.esm-browser.prod.js",
  "/modules/preact.js": "node_modules/preact/dist/preact.module.js",
  "/modules/lit-html.js": "node_modules/lit-html/lit-html.js",
  "/modules/react.js": "node_modules/react/umd/react.production.min.js",
  "/modules/react-dom.js": "node_modules/react-dom/umd/react-dom.production.min.js",
};
const EVERYONE = "watchers";
const NAME = process.env.NAME ?? "server";
const isFirst = process.env.FIRST === undefined;
mkdirSync(here("diary"), { recursive: true });

function diary(verb, token, more = "") {
  const said = JSON.stringify(more, (_, it) => (it?.type === "Buffer" ? Buffer.from(it.data).toString("hex") : it));
  appendFileSync(here(`diary/server-${NAME}.tsv`), `${Date.now()}\t${verb}\t${token}\t${said}\n`);
}

const web = createServer(async (request, response) => {
  const url = new URL(request.url, "http://localhost");
  let body = Buffer.alloc(0);
  for await (const part of request) body = Buffer.concat([body, part]);
  const send = (status, type, content) =>
    response.writeHead(status, { "Content-Type": type, "Access-Control-Allow-Origin": "*" }).end(content);
  if (request.method === "POST" && url.pathname === "/diary") {
    const page = url.searchParams.get("page").replaceAll(/[^a-z0-9]/gi, "");
    appendFileSync(here(`diary/page-${page}.tsv`), body + "\n");
    return send(204, "text/plain", "");
  }
  if (request.method === "POST" && url.pathname === "/publish") {
    const message = JSON.parse(body);
    if (!knows(message.name)) return send(404, "application/json", '{"ok":false}');
    take(message.name, message.arguments);
    return send(200, "application/json", '{"ok":true}');
  }
  if (url.pathname === "/") {
    const index = readFileSync(here("page.html"), "utf-8").replace("WORLD_OF_THE_PAGE", JSON.stringify(WORLD));
    return send(200, "text/html; charset=utf-8", index);
  }
  if (url.pathname in modules) return send(200, "text/javascript", readFileSync(here(modules[url.pathname])));
  return send(404, "text/plain", "not here");
});

const server = new Server(web, { cors: { origin: "*" } });
const pages = new Map(); // connection → the name that the page gave itself
const members = new Map(); // room → connections
const journal = [];
const pending = [];
const held = [];
let newest = null;
let producer = null;
let workerIsDead = false;

const isOwn = ["subscription", "auto-discovery"].includes(WORLD.contract);
const roomOf = (args) => (isOwn ? `shift-${shiftOf(args)}` : EVERYONE);
const knows = (name) => WORLD.wire.includes(name) && !("name-unheard" in BUGS && name === WORLD.names[0]);

function enter(socket, room) {
  socket.join(room);
  const list = members.get(room) ?? [];
  if (!list.includes(socket.id)) list.push(socket.id);
  members.set(room, list);
}

server.on("connection", (socket) => {
  const page = socket.handshake.auth.page;
  if (page !== undefined) {
    pages.set(socket.id, page);
    newest = socket.id;
    diary("came", "", page);
    spoil(socket, page);
    if (!isOwn) enter(socket, EVERYONE);
    socket.emit("welcome", { house: WORLD.house });
  }
  socket.on("join", (shift, answer) => {
    if (WORLD.replay) for (const [name, args] of journal) emit({ name, args, sid: socket.id });
    enter(socket, `shift-${shift}`);
    diary("joined", "", [page, shift]);
    answer({ joined: shift });
  });
  socket.on("begin", (shift, answer) => {
    if (WORLD.contract === "auto-discovery") server.emit("shift-begun", { shift });
    answer("ok");
  });
  socket.on("bye", (answer) => answer("ok"));
  for (const name of WORLD.wire.filter(knows)) {
    socket.on(name, (...args) => {
      const answer = typeof args.at(-1) === "function" ? args.pop() : () => {};
      producer = socket.id;
      take(name, args);
      answer("ok");
    });
  }
  socket.on("disconnect", () => {
    for (const list of members.values()) if (list.includes(socket.id)) list.splice(list.indexOf(socket.id), 1);
    if (pages.delete(socket.id)) diary("went", "", page);
  });
});

function take(name, args) {
  if (hits("blocks", args)) for (const until = Date.now() + WORLD.delay_s * 1000; Date.now() < until; );
  diary("took", mark(args), [name, args]);
  if (hits("handler-raises", args)) return console.error("TypeError: table is undefined"), undefined;
  if (hits("server-ends", args)) process.exit(3);
  if (WORLD.when === "handler") return pass(name, args);
  pending.push([name, args]);
  if (WORLD.when === "queue") setImmediate(next);
  else if (WORLD.when === "task") queueMicrotask(next);
  else if (WORLD.when === "timer") setTimeout(next, 20);
  else clerk.postMessage("next");
}

const next = () => pending.length > 0 && pass(...pending.shift());
const clerk = WORLD.when === "thread" && isFirst ? new Worker(here("clerk.mjs")) : null;
clerk?.on("message", next);

function pass(name, args) {
  if (hits("leaves-room", args)) {
    const sid = members.get(roomOf(args))?.shift();
    server.sockets.sockets.get(sid)?.leave(roomOf(args));
  }
  if (hits("kicks-page", args)) server.sockets.sockets.get([...pages.keys()][0])?.disconnect(true);
  for (const send of sends(name, args)) {
    if (send.waitMs) setTimeout(emit, send.waitMs, send);
    else emit(send);
  }
}

let before = null;
function sends(name, args) {
  if (hits("worker-dies", args)) workerIsDead = true;
  if (hits("handler-forgets", args) || hits("name-not-passed", args) || workerIsDead) return [];
  if (hits("held-back", args)) return held.push([name, args]), [];
  if (hits("server-falsifies", args)) args = falsified(args);
  if (hits("renames-field", args)) args = [inGoods(args[0], ({ price, ...rest }) => ({ ...rest, cost: price }))];
  if (hits("stringifies", args)) args = [inGoods(args[0], (goods) => ({ ...goods, price: String(goods.price) }))];
  if (hits("mixes-notes", args) && before) args = [inGoods(args[0], (goods) => ({ ...goods, note: (before[0].body ?? before[0]).note }))];
  before = args;
  if (WORLD.noise === "stamp") args = [inGoods(args[0], (goods) => ({ ...goods, at: Date.now() }))];
  journal.push([name, args]);
  let found = sendsOf(name, args);
  if (hits("emits-twice", args)) found = [...found, ...found];
  if (hits("invents", args)) found = [...found, ...found.map(invented)];
  for (const each of held.splice(0)) found = [...found, ...sendsOf(...each)];
  return found;
}

function sendsOf(name, args) {
  const plain = { name, args, waitMs: hits("routes-late", args) ? WORLD.delay_s * 1000 : 0 };
  const room = roomOf(args);
  if (hits("other-namespace", args)) return [{ ...plain, namespace: "/staff" }];
  if (hits("wrong-shift", args)) plain.args = [{ ...args[0], shift: `${shiftOf(args)}0` }];
  if (hits("merges", args)) return [{ name: "batch", args: [[[name, args]]], room }];
  if (hits("to-sender", args)) return [{ ...plain, sid: producer }];
  if (hits("other-room", args)) return [{ ...plain, room: `${room}s` }];
  const watching = isOwn ? (members.get(room) ?? []) : [...pages.keys()];
  if (hits("newest-only", args)) return [{ ...plain, sid: newest }];
  const skip = hits("skips-one", args) ? watching[0] : undefined;
  if (WORLD.to === "sid") return watching.filter((sid) => sid !== skip).map((sid) => ({ ...plain, sid }));
  return [WORLD.to === "everyone" ? { ...plain, skip } : { ...plain, room, skip }];
}

if (WORLD.noise === "heartbeat") setInterval(() => server.emit("tick", { house: WORLD.house }), 100);

const inGoods = (message, change) => ("body" in message ? { ...message, body: change(message.body) } : change(message));

const invented = (send) => ({ ...send, args: unreported(send.args) });

function emit(send) {
  const { name, args, room, sid, skip } = send;
  const sids = sid !== undefined ? [sid] : room === undefined ? [...pages.keys()] : (members.get(room) ?? []);
  const to = sids.filter((each) => each !== skip && pages.has(each)).map((each) => pages.get(each));
  const others = WORLD.processes !== "one" && sid === undefined && skip === undefined && send.namespace === undefined;
  diary("gave", mark(args), [name, args, others && room in { undefined: 1, watchers: 1 } ? ["*"] : send.namespace || name === "batch" ? [] : to]);
  if (send.namespace) return server.of(send.namespace).emit(name, ...args);
  let target = server;
  if (sid !== undefined) target = target.to(sid);
  else if (room !== undefined) target = target.to(room);
  if (skip !== undefined) target = target.except(skip);
  target.emit(name, ...args);
}

// Bugs between the server's decision and the wire.
function spoil(socket, page) {
  if (!Object.keys(BUGS).some((each) => each.startsWith("frame-"))) return;
  const connection = socket.conn;
  const write = connection.write.bind(connection);
  const bug = Object.values(BUGS).find((each) => each.mechanism.startsWith("frame-"));
  connection.write = (data, ...more) => {
    const isMine = bug.page !== "first" || [...pages.values()][0] === page;
    if (!isMine || !hits(bug.mechanism, data)) return write(data, ...more);
    diary(bug.mechanism, mark(data), page);
    if (bug.mechanism === "frame-dropped") return connection;
    if (bug.mechanism === "frame-held") return setTimeout(write, WORLD.delay_s * 1000, data, ...more), connection;
    if (bug.mechanism === "frame-changed") return write(data.replace(".5", ".75"), ...more);
    if (bug.mechanism === "frame-broken") return write(data.replace("{", '{"x":NaN,'), ...more);
    write(data, ...more);
    return write(data, ...more);
  };
}

function tail() {
  let at = 0;
  setInterval(() => {
    const text = existsSync(process.env.EVENTS) ? readFileSync(process.env.EVENTS, "utf-8") : "";
    const whole = text.lastIndexOf("\n") + 1;
    for (const line of text.slice(at, whole).split("\n").filter(Boolean)) {
      const message = JSON.parse(line);
      if (knows(message.name)) take(message.name, message.arguments);
    }
    at = whole;
  }, 20);
}

const listen = () => web.listen(Number(process.env.PORT), "127.0.0.1", () => console.log(`${NAME} listens`));
if (isFirst) {
  if (WORLD.producer === "file") tail();
  listen();
} else {
  const first = io(process.env.FIRST, { auth: { page: "follower" } });
  for (const name of WORLD.wire) {
    first.on(name, (...args) => {
      if (!hits("follower-deaf", args)) emit({ name, args });
    });
  }
  first.once("welcome", listen);
}
