#!/usr/bin/env bash
# socket.io 4.8.4 with socket.io-client 4.8.4.
#
# `io.of(/pattern/)` serves the namespaces that fit, and a name that was used before the pattern was registered is none of
# them: an emit to it (`io.of("/building-7").emit(…)`, in a module that is loaded first) has made it, without any handler.
# Clients of that namespace are let in and stay connected; no `connection` listener runs, what they send has no handler,
# and neither side says anything. The name next to it works. In the other order both do.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --save-exact socket.io@4.8.4 socket.io-client@4.8.4 >/dev/null
cat > buildings.js <<'JS'
const { Server } = require("socket.io");
const { io: connect } = require("socket.io-client");
const http = require("http").createServer();
const io = new Server(http);
const isFirst = process.argv[2] === "emit-first";
if (isFirst) io.of("/building-7").emit("hello");
io.of(/^\/building-\d$/).on("connection", (socket) => socket.on("call", (done) => done()));
if (!isFirst) io.of("/building-7").emit("hello");
http.listen(0, "127.0.0.1", async () => {
  for (const name of ["/building-7", "/building-8"]) {
    const socket = connect(`http://127.0.0.1:${http.address().port}${name}`);
    const told = await new Promise((done) => {
      socket.once("connect", () => done("let in"));
      socket.once("connect_error", ({ message }) => done(message));
    });
    const answer = await socket.timeout(1500).emitWithAck("call").then(() => "answered", () => "never answered");
    console.log(`${process.argv[2]} ${name}: ${told}, ${answer}, ${socket.connected ? "connected" : "away"}`);
    socket.disconnect();
  }
  process.exit();
});
JS
saw=$(node buildings.js emit-first; node buildings.js pattern-first)
echo "$saw"
[ "$saw" = "emit-first /building-7: let in, never answered, connected
emit-first /building-8: let in, answered, connected
pattern-first /building-7: let in, answered, connected
pattern-first /building-8: let in, answered, connected" ] || { echo "this has changed"; exit 1; }
