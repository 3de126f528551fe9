// The answer when the harness asks how things stand.
"use strict";

const { list, text } = require("./encode.cjs");
const { queueOf } = require("./queues.cjs");
const { members } = require("./rooms.cjs");

/**
 * Timers, queues and promises that were not returned may emit at any time, and Node tells of none of them what it will do:
 * as good as one always is at work.
 */
const BACKGROUND = 1;

/** Answers `{"sync": token}`: its record comes after everything recorded before. */
function answer(parts, line) {
  const { sync } = JSON.parse(line);
  const { wire, pending, servers, hooks } = parts;
  const namespaces = new Map();
  const queued = [];
  const listens = [];
  for (const server of servers) {
    for (const namespace of server._nsps.values()) {
      namespaces.set(namespace.name, [...(namespaces.get(namespace.name) ?? []), members(namespace.adapter)]);
      if (namespace.adapter.subClient !== undefined) {
        listens.push(`{${queueOf(namespace.adapter)},"connected":${list(namespace.sockets.keys())}}`);
      }
      for (const [sid, socket] of namespace.sockets) {
        queued.push(`${text(sid)}:${socket.client?.conn?.writeBuffer?.length ?? 0}`);
      }
    }
  }
  parts.gates.tell();
  const handlers = pending.count;
  wire.put(
    "sync",
    `"token":${JSON.stringify(sync)},"in_flight":${handlers},"handlers":${handlers},` +
      `"running":${list(pending.running(), (each) => runningAs(parts, each))},` +
      `"namespaces":{${list(namespaces, ([name, each]) => `${text(name)}:${joined(each)}`).slice(1, -1)}},` +
      `"queued":{${queued.join(",")}},"listens":[${listens.join(",")}],"background":${BACKGROUND},"hooks":${JSON.stringify(hooks)},"troubles":${wire.troubles}`,
  );
  wire.flush();
}

/** A handler that runs, for how long, and where it was registered. */
function runningAs({ placed }, [context, ms]) {
  const { sid, event } = context;
  return `{"sid":${text(sid)},"event":${text(event)},"ms":${ms.toFixed(1)},"where":${text(placed.of(context))}}`;
}

/** The members of the same namespace at several servers of one process. */
function joined(each) {
  if (each.length === 1) return each[0];
  const rooms = {};
  const connected = [];
  for (const told of each.map((one) => JSON.parse(one))) {
    connected.push(...told.connected);
    for (const [name, inside] of Object.entries(told.rooms)) rooms[name] = [...(rooms[name] ?? []), ...inside];
  }
  return JSON.stringify({ rooms, connected });
}

module.exports = { answer };
