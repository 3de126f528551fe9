// Whom a server's emit goes to, taken while the adapter goes through the recipients and writes to each.
"use strict";

const { list, listIn, message, messageOfText, room, text } = require("./encode.cjs");
const { queue, queueOf } = require("./queues.cjs");
const { members } = require("./rooms.cjs");
const where = require("./where.cjs");

const LOCAL = new Set(["Adapter", "SessionAwareAdapter"]);

function routingPart(parts) {
  const { wire, servers, requests } = parts;
  const published = new WeakMap(); // packet to where it was emitted, and how many arguments it had then
  let hasPublished = false;
  let current = null;

  function begin(packet, adapter, options, to) {
    const before = hasPublished ? published.get(packet) : undefined;
    current = {
      packet,
      adapter,
      flags: options?.flags ?? options ?? {},
      rooms: options?.rooms,
      except: options?.except,
      to,
      length: before?.length ?? packet.data.length,
      where: before?.where,
      recipients: [],
      dropped: [],
      text: null,
      outer: current,
    };
  }

  /** What was emitted, from the text that went out, or anew where there is none or where an adapter added to it. */
  function told({ packet, text: sent, length }) {
    if (typeof sent === "string" && packet.data.length === length) {
      const found = messageOfText(listIn(sent, packet.nsp));
      if (found !== null) return found;
    }
    return message(packet.data.slice(0, length));
  }

  /** Where a hook of a library has found no place, its part is not known, and never "no client". */
  const knowsWhom = () => parts.hooks.recipients === true;
  const isServed = (server) => parts.hooks.served !== true || servers.has(server);

  function record(route) {
    const { adapter, recipients, dropped, rooms, except, flags, to } = route;
    const isLost = (knowsWhom() && recipients.length === 0) || dropped.length > 0;
    const publishes = to === undefined && !flags.local && !LOCAL.has(adapter.constructor.name);
    const said = told(route); // before records are counted: a `toJSON` of the program may emit, too
    const request = requests.running();
    let more = "";
    if (request !== undefined) more += `,"request":${request === null ? null : request - wire.next}`;
    if (except?.size > 0) more += `,"except":${list(except, room)}`;
    if (flags.volatile || flags.local) more += `,"flags":${list(["volatile", "local"].filter((flag) => flags[flag]))}`;
    if (route.recovered) more += `,"recovered":true`;
    if (publishes && route.where !== undefined) more += `,"published":true,${queueOf(adapter)}`;
    if (dropped.length > 0) more += `,"dropped":${list(dropped)}`;
    if (knowsWhom() && recipients.length === 0) more += `,${members(adapter).slice(1, -1)}`;
    const place = route.where ?? (isLost ? where.ofCaller() : where.ofCallerAtLeisure());
    wire.put(
      "route",
      `${said},"ns":${text(adapter.nsp.name)},"room":${to === undefined ? roomsOf(rooms) : text(to)},` +
        `"recipients":${knowsWhom() ? idsOf(recipients) : null},"where":${text(place)},` +
        `"served":${isServed(adapter.nsp.server)},"publishes":${publishes}${more}`,
    );
  }

  function end() {
    const route = current;
    if (route === null || route.isAnswer) return;
    current = route.outer;
    record(route);
  }

  return {
    /** An adapter that passes events on to others has its own part in front of the local one, which may come later. */
    publishing(adapter, packet) {
      hasPublished = true;
      published.set(packet, { where: where.ofCaller(), length: packet.data.length });
    },

    /** An offset is added to a packet: one that another server has emitted is told without it as well. */
    adding(packet) {
      hasPublished = true;
      if (!published.has(packet)) published.set(packet, { length: packet.data.length });
    },

    routing(adapter, packet, options) {
      begin(packet, adapter, options, undefined);
    },

    /** What an emitter without a server puts into Redis, for all servers that listen there. */
    emitting(emitter, { data }, { rooms }) {
      const { nsp, broadcastChannel } = emitter.broadcastOptions;
      wire.put(
        "publish",
        `${message(data)},"ns":${text(nsp)},"room":${roomsOf(new Set(rooms))},"where":${text(where.ofCaller())},` +
          queue(emitter.redisClient, broadcastChannel, nsp),
      );
    },

    /** Another process emitted to a room without members in this one: the adapter doesn't even read it. */
    ignoring(adapter, sent) {
      const [from, packet, options] = read(adapter, sent);
      if (from === adapter.uid || !Array.isArray(packet?.data)) return; // told already, or no event
      begin(
        packet,
        adapter,
        { ...options, rooms: new Set(options?.rooms), except: new Set(options?.except) },
        undefined,
      );
      end();
    },

    /** One socket is emitted to, without the adapter. */
    routingTo(socket, packet, options) {
      begin(packet, socket.nsp.adapter, { flags: options }, socket.id);
      current.recovered = socket.handshake === undefined && socket.pid !== undefined; // in its constructor: it missed them
      if (current.recovered) current.length -= 1; // the log keeps events with their place in it
      current.recipients.push(socket.id);
    },

    /** Packets are written to one client: of an emit that is being resolved, this is a recipient. */
    writing(client, packets, options) {
      if (current === null || (current.to === undefined && !Array.isArray(packets))) return;
      const route = current;
      if (route.isAnswer) {
        if (Array.isArray(packets) && packets.length === 1) route.text = packets[0];
        return;
      }
      if (route.to === undefined) {
        const id = client.nsps.get(route.adapter.nsp.name)?.id;
        if (id === undefined || route.recipients[route.recipients.length - 1] === id) return;
        route.recipients.push(id);
      }
      if (Array.isArray(packets)) route.text ??= packets.length === 1 ? packets[0] : "";
      const last = route.recipients[route.recipients.length - 1];
      const isDropped = options?.volatile && !client.conn.transport.writable;
      if (isDropped && route.dropped[route.dropped.length - 1] !== last) route.dropped.push(last); // asked twice of one
    },

    /** An answer goes to the one who asked; what is written meanwhile is its text. */
    answering(packet) {
      current = { packet, data: packet.data, isAnswer: true, text: null, outer: current };
    },

    /** What was said, and the text that it went out as; null where there is none. */
    answered(packet) {
      if (current?.packet !== packet) return { data: packet.data, text: null };
      const { data, text: sent, outer } = current;
      current = outer;
      return { data, text: sent };
    },

    routed: end,

    /** A new turn: an emit that has not come to its end by now has failed. */
    forget() {
      current = null;
    },
  };
}

/** What came by a message queue, as the adapter would read it; nothing where that fails. */
function read(adapter, sent) {
  try {
    return adapter.parser.decode(sent);
  } catch {
    return [];
  }
}

let lastIds = [];
let lastTold = "[]";

/** A list of clients; most often it is the last one again. */
function idsOf(ids) {
  if (ids.length !== lastIds.length || ids.some(isOther)) [lastIds, lastTold] = [ids, list(ids)];
  return lastTold;
}

const isOther = (id, at) => id !== lastIds[at];

function roomsOf(rooms) {
  if (rooms === undefined || rooms.size === 0) return "null";
  return rooms.size === 1 ? room(rooms.values().next().value) : list(rooms, room);
}

module.exports = { routingPart };
