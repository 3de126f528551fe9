#!/usr/bin/env bash
# socket.io 4.8.4 with socket.io-client 4.8.4.
#
# The events of one client come to the server in order, and their handlers are called in another one as soon as a middleware
# (`socket.use`) awaits anything: each event waits by itself. One that the middleware neither passes on nor refuses is
# gone: no handler, no acknowledgement, no error and no line on either side, and the connection stays, so that what comes
# after it arrives. Passed on after the client has left, it reaches no handler either.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --save-exact socket.io@4.8.4 socket.io-client@4.8.4 >/dev/null
cat > middleware.js <<'JS'
const { Server } = require("socket.io");
const { io: connect } = require("socket.io-client");
const http = require("http").createServer();
const io = new Server(http);
const handled = [];
let late, release;
const overtaken = new Promise((done) => (release = done));
const gone = new Promise((done) => io.on("connection", (socket) => {
  socket.use(async ([name], next) => {
    if (name === "slow") await overtaken; // its own lookup; were the next event to wait for it, nothing would go on
    if (name === "late") late = next;
    else if (name !== "kept") next();
  });
  for (const name of ["slow", "quick", "kept", "late", "last"]) {
    socket.on(name, (done) => { handled.push(name); done?.(); if (name === "quick") release(); });
  }
  socket.on("disconnect", done);
}));
http.listen(0, "127.0.0.1", async () => {
  const client = connect(`http://127.0.0.1:${http.address().port}`);
  await new Promise((done) => client.once("connect", done)); // a patience counts from the emit, connected or not
  client.emit("slow");
  client.emit("quick");
  client.emit("late");
  const kept = await client.timeout(400).emitWithAck("kept").then(() => "answered", () => "never answered");
  await client.timeout(60_000).emitWithAck("last");
  client.disconnect();
  await gone;
  late();
  setTimeout(() => { console.log(`handled: ${handled.join(", ")}; kept: ${kept}`); process.exit(); }, 100);
});
JS
saw=$(node middleware.js 2>&1)
echo "$saw"
[ "$saw" = "handled: quick, slow, last; kept: never answered" ] || { echo "this has changed"; exit 1; }
