// Who is in which room, and who enters and leaves. A client's own room comes with its connection and is left out.
"use strict";

const { list, room, text } = require("./encode.cjs");
const where = require("./where.cjs");

function roomsPart({ wire, leaving }) {
  function say(kind, adapter, sid, name, more) {
    wire.put(kind, `"sid":${text(sid)},"ns":${text(adapter.nsp.name)},"room":${room(name)}${more}`);
  }

  return {
    joining(adapter, sid, rooms) {
      for (const name of rooms) {
        if (name !== sid && !adapter.rooms.get(name)?.has(sid)) say("join", adapter, sid, name, "");
      }
    },

    leaving(adapter, sid, name) {
      if (name !== sid && adapter.rooms.get(name)?.has(sid)) {
        say("leave", adapter, sid, name, `,"where":${text(where.ofCaller())}`);
      }
    },

    /** A client that disconnects leaves everything: that is told already. */
    leavingAll(adapter, sid) {
      if (leaving.has(sid)) return;
      for (const name of adapter.sids.get(sid) ?? []) {
        if (name !== sid) say("leave", adapter, sid, name, `,"where":${text(where.ofCaller())}`);
      }
    },
  };
}

/** JSON: the rooms of a namespace with the ids in them (not each client's own), and the ids of all connected. */
function members(adapter) {
  let rooms = "";
  for (const [name, inside] of adapter.rooms) {
    if (typeof name === "string" && adapter.sids.has(name)) continue;
    rooms += `${rooms === "" ? "" : ","}${room(name)}:${list(inside)}`;
  }
  return `{"rooms":{${rooms}},"connected":${list(adapter.nsp.sockets.keys())}}`;
}

module.exports = { members, roomsPart };
