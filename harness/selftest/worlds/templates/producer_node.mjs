// A producer with Socket.IO's own client, on Node.

import { appendFileSync, mkdirSync } from "node:fs";
import { io } from "socket.io-client";
import { BUGS, WORLD, falsified, hits, mark, told, unreported, wrap } from "./settings.mjs";

const [address, shift] = process.argv.slice(2);
const folder = new URL("diary/", import.meta.url);
mkdirSync(folder, { recursive: true });
const socket = io(address, { reconnection: false });
const kept = [];

function diary(verb, token, more) {
  const said = JSON.stringify(more, (_, it) => (it?.type === "Buffer" ? Buffer.from(it.data).toString("hex") : it));
  appendFileSync(new URL("producer.tsv", folder), `${Date.now()}\t${verb}\t${token}\t${said}\n`);
}

async function send(name, args) {
  if (hits("closes-early", args)) socket.disconnect();
  if (!socket.connected) return socket.emit(name, ...args);
  diary("sent", mark(args), [name, args]);
  if (!WORLD.acknowledged) return socket.emit(name, ...args);
  try {
    await socket.timeout(WORLD.patience_s * 1000).emitWithAck(name, ...args);
  } catch {
    console.error(`no answer to ${name}`);
  }
}

async function report(name, n, goods) {
  const what = told(name, shift, n, goods);
  let [wire, args] = wrap(name, shift, n, goods);
  diary("said", mark(goods), [wire, args]);
  console.log(WORLD.lines === "json" ? JSON.stringify({ kind: name, ...what }) : `> ${name} ${JSON.stringify(what)}`);
  if (hits("never-sent", args)) return;
  if (hits("sent-falsified", args)) args = falsified(args);
  if (hits("sent-later", args)) return void kept.push([wire, args]);
  await send(wire, args);
  if (hits("sent-twice", args)) await send(wire, args);
  if (hits("sends-unreported", args)) await send(wire, unreported(args));
  for (const each of kept.splice(0)) await send(...each);
}

await socket.timeout(10_000).emitWithAck("begin", shift);
let n = 0;
for (const [name, goods] of WORLD.script) await report(name, ++n, goods);
if (socket.connected) await socket.timeout(10_000).emitWithAck("bye");
socket.disconnect();
process.exitCode = "wrong-status" in BUGS ? 1 : 0;
