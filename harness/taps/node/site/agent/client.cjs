// What a socket.io client does: its connection, the events that it sends, keeps or drops, the acknowledgements it gets.
"use strict";

const { failure, message, sizeOf, text, url, value } = require("./encode.cjs");
const where = require("./where.cjs");

const EVENT = 2;
const CONNECT_ERROR = 4;
const BINARY_EVENT = 5;

/** Why the connection ended, in the words of every Socket.IO. */
const REASONS = { "io client disconnect": "client disconnect", "io server disconnect": "server disconnect" };

function clientPart({ wire, clients }) {
  const waiting = new WeakMap(); // socket to its events that wait for an acknowledgement
  const kept = new WeakMap(); // packet to where it was emitted, while it waits for a connection
  const queued = new WeakMap(); // what is sent again until it is answered (`retries`) to where it was emitted

  function remember(socket, packet, about) {
    if (packet.id === undefined) return;
    if (!waiting.has(socket)) waiting.set(socket, new Map());
    waiting.get(socket).set(packet.id, about);
  }

  function place(socket) {
    return (socket.flags?.fromQueue && queued.get(socket._queue[0])) || where.ofCaller();
  }

  function address(socket) {
    return `"url":${url(socket.io?.uri ?? "")}`;
  }

  function lost(about, packet, socket, error, from) {
    wire.put(
      "send_failed",
      `${about},"ns":${text(socket.nsp)},"id":${value(packet.id)},"where":${text(from)},"error":${text(error)}`,
    );
  }

  return {
    /** A packet goes to the engine, which drops it without a word when its connection is going. */
    sending(socket, packet) {
      if (packet.type !== EVENT && packet.type !== BINARY_EVENT) return;
      clients.add(socket);
      const about = message(packet.data);
      remember(socket, packet, about);
      const from = kept.get(packet) ?? place(socket);
      const state = socket.io?.engine?.readyState;
      if (state === "closing" || state === "closed") {
        lost(about, packet, socket, `dropped: the connection was ${state}`, from);
        return;
      }
      wire.put(
        "send",
        `${about},"ns":${text(socket.nsp)},"id":${value(packet.id)},"bytes":${sizeOf(about)},"where":${text(from)}`,
      );
    },

    /** Emitted without a connection: it is kept for the next one. */
    buffered(socket, packet) {
      clients.add(socket);
      kept.set(packet, place(socket));
    },

    /** Emitted by a client that sends again what is not answered: it is sent now, or when its turn comes. */
    queued(packet) {
      queued.set(packet, where.ofCaller());
    },

    /** Volatile, and the transport takes nothing at this moment: it is dropped without a word. */
    discarded(socket, packet) {
      lost(
        message(packet.data),
        packet,
        socket,
        "dropped: volatile, and the connection takes nothing",
        where.ofCaller(),
      );
    },

    acknowledged(socket, packet) {
      const about = waiting.get(socket)?.get(packet.id) ?? '"event":null,"args":null';
      waiting.get(socket)?.delete(packet.id);
      wire.put("ack", `${about},"id":${value(packet.id)},"ns":${text(socket.nsp)},"result":${value(packet.data)}`);
    },

    connected(socket) {
      clients.add(socket);
      const transport = socket.io?.engine?.transport?.name;
      wire.put("client_connected", `${address(socket)},"transport":${text(transport)},"ns":${text(socket.nsp)}`);
    },

    closed(socket, reason) {
      if (!socket.connected) return;
      wire.put("client_disconnected", `"ns":${text(socket.nsp)},"reason":${text(REASONS[reason] ?? reason)}`);
    },

    packet(socket, packet) {
      if (packet.type !== CONNECT_ERROR || packet.nsp !== socket.nsp) return;
      const told = packet.data?.message ?? packet.data;
      wire.put("client_refused", `"ns":${text(socket.nsp)},"error":${value(told)},${address(socket)}`);
    },

    /** The connection could not be made; the client tries again by itself. */
    failed(socket, error) {
      if (socket.connected) return;
      const told = reasonOf(error);
      const why = told === null ? failure(error) : `${failure(error)} (${told})`;
      wire.put("client_refused", `"ns":${text(socket.nsp)},"error":${text(why)},${address(socket)}`);
    },

    /** The process ends: what is still kept for a connection is lost. */
    ending() {
      for (const socket of clients) {
        for (const packet of socket.sendBuffer ?? []) {
          lost(message(packet.data), packet, socket, "kept for a connection that never came", kept.get(packet));
        }
        for (const each of socket._queue ?? []) {
          const data = each.args.filter((arg) => typeof arg !== "function");
          lost(message(data), {}, socket, "kept for a connection that never came", queued.get(each) ?? null);
        }
      }
    },
  };
}

/** What a transport says of its failure: a text, or the status of an answer with what it says. */
function reasonOf({ description, context } = {}) {
  const told = description?.message ?? description;
  if (typeof told === "string") return told;
  const said = typeof context?.responseText === "string" ? ` ${context.responseText.slice(0, 200)}` : "";
  return typeof told === "number" && told > 0 ? `HTTP ${told}${said}` : null;
}

module.exports = { clientPart };
