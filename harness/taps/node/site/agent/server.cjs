// What a socket.io server does for its clients: connections, events, handlers, answers, refusals.
"use strict";

const { Arrivals } = require("./arrivals.cjs");
const { failure, listIn, message, messageOfText, text, url, value, valueOfText } = require("./encode.cjs");
const { watchHandlers } = require("./emitting.cjs");
const { tellFailure } = require("./ending.cjs");
const { roomsPart } = require("./rooms.cjs");
const { routingPart } = require("./routing.cjs");
const where = require("./where.cjs");

// Packet types of the Socket.IO protocol, revision 5.
const CONNECT = 0;
const EVENT = 2;
const ACK = 3;
const CONNECT_ERROR = 4;
const BINARY_EVENT = 5;
const BINARY_ACK = 6;

const MOST_TEXTS = 1000;

/** How the namespaces of the harness's fences begin (taps/page/js/socketio.js). */
const FENCE = "/__fence_";
const NOT_PASSED_ON = "a middleware did not pass it on";

/** Why a client's connection ended, in the words of every Socket.IO. */
const REASONS = {
  "client namespace disconnect": "client disconnect",
  "server namespace disconnect": "server disconnect",
  "forced server close": "server disconnect",
  "forced close": "server disconnect", // the server closed what is under the namespaces, and told the client nothing
};

/** Why Engine.IO refuses a request, by its code, and the status that it answers. */
const REFUSALS = {
  0: ["unknown transport", 400],
  1: ["unknown session id", 400],
  2: ["bad handshake method", 400],
  3: ["bad request", 400],
  4: ["forbidden by allowRequest", 403],
  5: ["unsupported protocol version", 400],
};
const UNKNOWN_SID = 1;

function serverPart(parts) {
  const { wire, pending, servers, stalls, gates, requests, placed } = parts;
  const routing = routingPart(parts);
  const asked = new WeakMap(); // socket to its requests that wait for an answer: id to event, in an object of no prototype
  const unheard = new WeakMap(); // socket to the events that came and that no handler took
  const held = new WeakMap(); // socket to the events that its middlewares have: event to {name, index}, how many it passed
  const checking = new WeakMap(); // event, as its array, to the same
  let data = null;
  const texts = new Arrivals(MOST_TEXTS); // packet to the text that it came as, until it is handed on

  function run(context) {
    parts.running = context;
    stalls.begin();
    queueMicrotask(() => {
      if (parts.running === context) parts.running = null;
    });
  }

  function connecting(socket) {
    const { handshake, conn } = socket;
    const role = handshake?.auth?.role;
    const recovered = socket.recovered ? `,"recovered":true` : "";
    wire.put(
      "connect",
      `"sid":${text(socket.id)},"ns":${text(socket.nsp.name)},"origin":${text(handshake?.headers?.origin)},` +
        `"transport":${text(conn?.transport?.name)},"role":${text(typeof role === "string" ? role : null)}${recovered}`,
    );
    run({ sid: socket.id, event: "connect", emitter: socket.nsp });
  }

  function answered(socket, packet) {
    const { data: said, text: sent } = routing.answered(packet);
    const json = typeof sent === "string" ? valueOfText(listIn(sent, packet.nsp)) : null;
    const events = asked.get(socket);
    const event = events?.[packet.id];
    if (event !== undefined) delete events[packet.id];
    wire.put(
      "answer",
      `"sid":${text(socket.id)},"ns":${text(socket.nsp.name)},"event":${text(event)},` +
        `"id":${value(packet.id)},"args":${json ?? value(said)}`,
    );
  }

  function refusing(socket, packet) {
    const told = typeof packet.data === "object" && packet.data !== null ? packet.data : { message: packet.data };
    wire.put(
      "refused",
      `"sid":null,"ns":${text(packet.nsp)},"origin":${text(socket.handshake?.headers?.origin)},` +
        `"role":${text(socket.handshake?.auth?.role)},"reason":${text(told.message)},"data":${value(told.data)}`,
    );
  }

  return {
    ...roomsPart(parts),
    ...routing,

    serving(server) {
      servers.add(server);
    },

    /** An engine's packet has arrived: its text is what the record of an event is made of. */
    data(received) {
      data = received;
    },

    decoded(packet) {
      if (packet.type === EVENT && typeof data === "string") texts.add(packet, data);
      data = null;
    },

    /** A namespace asks its middlewares whether it lets a client in. One that throws now leaves the client unanswered. */
    admitting(namespace, socket) {
      parts.admitted = { sid: socket.id, event: "connect", emitter: namespace };
    },

    /** An event of a client. */
    received(socket, packet) {
      const came = texts.takeNext(packet); // Socket.IO hands them on in the order of their coming
      const json = came === undefined ? null : messageOfText(listIn(came, packet.nsp));
      if (packet.id !== undefined && packet.id !== null) {
        if (!asked.has(socket)) asked.set(socket, Object.create(null));
        asked.get(socket)[packet.id] = packet.data[0];
      }
      if (socket.fns?.length > 0) {
        if (!held.has(socket)) held.set(socket, new Map());
        const its = { name: packet.data[0], index: 0 };
        held.get(socket).set(packet.data, its);
        checking.set(packet.data, its);
        parts.admitted = { sid: socket.id, event: its.name, emitter: socket };
      }
      requests.came(packet.data, wire.next);
      wire.put(
        "receive",
        `"sid":${text(socket.id)},"ns":${text(socket.nsp.name)},${json ?? message(packet.data)},"id":${value(packet.id)},"request":0`,
      );
    },

    /** Its handlers are about to run, in this very turn; or what stood before them refused it. */
    dispatching(socket, event, error) {
      routing.forget();
      const its = held.get(socket)?.get(event);
      held.get(socket)?.delete(event);
      requests.handled(event);
      const name = event[0];
      if (error) {
        // The one that refused counts as passed, too: it called next.
        unhandled(socket, name, NOT_PASSED_ON, its === undefined ? null : gates.placeOf(socket, its.index - 1));
        tellFailure(wire, { sid: socket.id, event: name }, error, "refused by a middleware: ");
        return;
      }
      if (socket.connected === false) {
        unhandled(socket, name, "the client had disconnected");
        return;
      }
      if (socket.listenerCount(name) === 0 && !socket._anyListeners?.length) {
        unhandled(socket, name, null);
        const names = unheard.get(socket) ?? new Map();
        names.set(name, (names.get(name) ?? 0) + 1);
        unheard.set(socket, names);
      }
      parts.running = { sid: socket.id, event: name, emitter: socket };
      stalls.begin();
    },

    dispatched() {
      if (parts.running !== null) stalls.end(parts.running);
      parts.running = null;
    },

    /** A handler is registered: for what came before it, it is too late. */
    listening(emitter, name, handler) {
      placed.registered(emitter, name, handler);
      const missed = unheard.get(emitter)?.get(name);
      if (missed === undefined) return;
      unheard.get(emitter).delete(name);
      wire.put(
        "late_handler",
        `"sid":${text(emitter.id)},"event":${text(name)},"missed":${missed},"where":${text(where.ofCaller())}`,
      );
    },

    /** A packet of the server for one client. */
    sending(socket, packet, options) {
      switch (packet.type) {
        case EVENT:
        case BINARY_EVENT:
          routing.routingTo(socket, packet, options);
          break;
        case ACK:
        case BINARY_ACK:
          routing.answering(packet);
          break;
        case CONNECT:
          connecting(socket);
          break;
        case CONNECT_ERROR:
          refusing(socket, { ...packet, nsp: socket.nsp.name });
          break;
        default:
      }
    },

    sent(socket, packet) {
      if (packet.type === EVENT || packet.type === BINARY_EVENT) routing.routed();
      else if (packet.type === ACK || packet.type === BINARY_ACK) answered(socket, packet);
    },

    closing(socket, reason) {
      if (!socket.connected) return;
      for (const { name, index } of held.get(socket)?.values() ?? []) {
        unhandled(socket, name, NOT_PASSED_ON, gates.placeOf(socket, index));
      }
      held.delete(socket);
      parts.leaving.add(socket.id);
      queueMicrotask(() => parts.leaving.delete(socket.id));
      wire.put(
        "disconnect",
        `"sid":${text(socket.id)},"ns":${text(socket.nsp.name)},"reason":${text(REASONS[reason] ?? reason)}`,
      );
      run({ sid: socket.id, event: "disconnect", emitter: socket });
    },

    handlers(Socket) {
      watchHandlers(Socket, parts, (handler, result, context) => {
        context.handler = handler;
        pending.add(handler, result, context);
      });
    },

    /** A fence of the harness is refused in order, as an undeclared namespace is, and no application code sees it. */
    fence(client, name) {
      if (typeof name !== "string" || !name.startsWith(FENCE)) return false;
      client._packet({ type: CONNECT_ERROR, nsp: name, data: { message: "Invalid namespace" } });
      return true;
    },

    /** One middleware of a socket has passed an event on, or refused it. */
    checked(event, index) {
      const its = checking.get(event);
      if (its !== undefined) its.index = index + 1;
    },

    gating: (namespaceOrSocket) => gates.registered(namespaceOrSocket),
    entering: (namespace, socket) => gates.entering(namespace, socket),
    passing: (socket, index, error) => gates.passing(socket, index, error),

    /** Engine.IO refuses a request before socket.io sees it. */
    refusing(request, code, context) {
      if (code === UNKNOWN_SID) return; // a connection that ended, and asks once more
      const [reason, status] = REFUSALS[code] ?? [`code ${code}`, 400];
      wire.put(
        "refused_request",
        `"reason":${text(context?.message ? `${reason}: ${context.message}` : reason)},"status":${status},` +
          `"origin":${text(request?.headers?.origin)},"url":${url(request?.url)}`,
      );
    },
  };

  function unhandled(socket, name, why, place) {
    const more = place === undefined ? "" : `,"where":${text(place)}`;
    wire.put("no_handler", `"sid":${text(socket.id)},"event":${text(name)},"why":${text(why)}${more}`);
  }
}

module.exports = { failure, serverPart };
