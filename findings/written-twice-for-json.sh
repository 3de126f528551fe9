#!/usr/bin/env bash
# socket.io 4.8.4 with socket.io-client 4.8.4.
#
# The `toJSON` of what is emitted is called twice for each emit, once to look for bytes and once to write the packet. One that
# counts, draws a number or tells the time says something else the second time, and that is what goes out: a server that
# numbers its events there sends every second number, and its clients take the others for lost.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --save-exact socket.io@4.8.4 socket.io-client@4.8.4 >/dev/null
cat > twice.js <<'JS'
const { Server } = require("socket.io");
const { io: connect } = require("socket.io-client");
const http = require("http").createServer();
const io = new Server(http);
let seq = 0;
class Step {
  toJSON() { return { seq: ++seq }; }
}
http.listen(0, "127.0.0.1", () => {
  const client = connect(`http://127.0.0.1:${http.address().port}`);
  const got = [];
  client.on("step", ({ seq }) => {
    got.push(seq);
    if (got.length < 3) return;
    console.log(`three emits arrive as: ${got.join(", ")}`);
    process.exit();
  });
  client.once("connect", () => [1, 2, 3].forEach(() => io.emit("step", new Step())));
});
JS
saw=$(timeout 60 node twice.js 2>&1)
echo "$saw"
[ "$saw" = "three emits arrive as: 2, 4, 6" ] || { echo "this has changed"; exit 1; }
