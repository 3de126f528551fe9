// The agent: what runs inside a Node.js process of the target. Node's own modules only.
//
// It connects to the harness over a Unix socket, waits until the process loads socket.io or socket.io-client, and has
// those libraries tell it what they do (see `points.cjs`); Node itself tells of plain HTTP. Whatever goes wrong, the process doesn't notice.
"use strict";

const { Wire } = require("./wire.cjs");
const { follow } = require("./loading.cjs");
const { Parts } = require("./parts.cjs");
const { watchPosted } = require("./posted.cjs");
const { watchPosting } = require("./posting.cjs");
const { watchEnd } = require("./ending.cjs");

/** Connect to the harness and get ready. Silent and without effect when nothing listens at HARNESS_AGENT. */
function start(environ) {
  const wire = new Wire(environ.HARNESS_AGENT, {
    name: environ.HARNESS_AGENT_NAME || "process",
    role: environ.HARNESS_AGENT_ROLE || "server",
    process: environ.HARNESS_AGENT_PROCESS,
  });
  if (!wire.open()) return;
  const parts = new Parts(wire);
  watchEnd(wire, parts);
  if (wire.role === "client") watchPosting(parts);
  else watchPosted(parts);
  follow(parts);
}

module.exports = { start };
