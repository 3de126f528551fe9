#!/usr/bin/env bash
# socket.io-client 4.8.1 with socket.io 4.8.1.
#
# What a client emits while it has no connection is kept and sent when it has one: before its `connect` listeners run. A
# client that subscribes in that listener, as the documentation's examples do, and publishes at any time, publishes after a
# reconnection first and subscribes second, and misses the server's answers to its own events. The order in which the program
# called emit says nothing about it: here `subscribe` is the first thing that each `connect` listener does.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --save-exact socket.io@4.8.1 socket.io-client@4.8.1 >/dev/null
cat > order.js <<'JS'
const { Server } = require("socket.io");
const { io: connect } = require("socket.io-client");
const http = require("http").createServer();
const io = new Server(http);
const received = [];
const answered = [];
const once = (emitter, name) => new Promise((done) => emitter.once(name, done));
io.on("connection", (socket) => {
  socket.on("subscribe", () => { received.push("subscribe"); socket.join("watchers"); });
  socket.on("publish", (n) => { received.push(`publish ${n}`); io.to("watchers").emit("published", n); });
});
http.listen(0, "127.0.0.1", async () => {
  const client = connect(`http://127.0.0.1:${http.address().port}`, { reconnectionDelay: 50 });
  client.on("published", (n) => answered.push(n));
  client.on("connect", () => client.emit("subscribe"));
  await once(client, "connect");
  client.emit("publish", 1);
  await once(client, "published");
  client.io.engine.close();
  client.emit("publish", 2);
  await once(client, "connect");
  client.emit("publish", 3);
  setTimeout(() => { console.log(`received: ${received.join(", ")}; answered: ${answered.join(", ")}`); process.exit(); }, 500);
});
JS
saw=$(node order.js)
echo "$saw"
[ "$saw" = "received: subscribe, publish 1, publish 2, subscribe, publish 3; answered: 1, 3" ] || { echo "this has changed"; exit 1; }
