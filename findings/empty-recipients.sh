#!/usr/bin/env bash
# python-socketio 5.18.1 beside socket.io 4.8.1.
#
# A list of recipients that happens to be empty addresses all: `emit(..., to=[])` in Python and `io.to([]).emit(...)`
# in Node.js both reach every client. A room that is called 0 or "" (a first index, a name not filled in) is all clients
# in Python, also those that never joined it, and none in Node.js. For who verifies isolation: a leak to all sessions need
# not have a room anywhere.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install -qq --disable-pip-version-check python-socketio==5.18.1 python-engineio==4.15.1 aiohttp==3.14.5
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --save-exact socket.io@4.8.1 socket.io-client@4.8.1 >/dev/null

cat > rooms.py <<'PY'
import asyncio
import socketio
from aiohttp import web

async def main():
    sio = socketio.AsyncServer(async_mode="aiohttp")
    app = web.Application()
    sio.attach(app)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    seen = []
    clients = [socketio.AsyncClient() for _ in range(2)]
    for client in clients:
        client.on("news", seen.append)
        await client.connect(f"http://127.0.0.1:{runner.addresses[0][1]}")
    for room in ([], 0, "", "elsewhere"):
        await sio.emit("news", repr(room), to=room)
    await asyncio.sleep(0.5)
    print(*(f"to={room!r}: {seen.count(repr(room))} of 2" for room in ([], 0, "", "elsewhere")), sep=", ")
    for client in clients:
        await client.disconnect()
    await runner.cleanup()

asyncio.run(main())
PY
cat > rooms.js <<'JS'
const { Server } = require("socket.io");
const { io: connect } = require("socket.io-client");
const http = require("http").createServer();
const io = new Server(http);
http.listen(0, "127.0.0.1", async () => {
  const seen = [];
  const clients = [0, 1].map(() => connect(`http://127.0.0.1:${http.address().port}`, { forceNew: true }));
  for (const client of clients) client.on("news", (room) => seen.push(room));
  await Promise.all(clients.map((client) => new Promise((done) => client.on("connect", done))));
  const rooms = [[], 0, "", "elsewhere"];
  for (const room of rooms) io.to(room).emit("news", JSON.stringify(room));
  setTimeout(() => {
    console.log(rooms.map((room) => `to(${JSON.stringify(room)}): ${seen.filter((s) => s === JSON.stringify(room)).length} of 2`).join(", "));
    process.exit();
  }, 500);
});
JS

python=$(venv/bin/python rooms.py); node=$(node rooms.js)
echo "python-socketio: $python"; echo "socket.io: $node"
[ "$python" = "to=[]: 2 of 2, to=0: 2 of 2, to='': 2 of 2, to='elsewhere': 0 of 2" ] || { echo "python-socketio has changed"; exit 1; }
[ "$node" = 'to([]): 2 of 2, to(0): 0 of 2, to(""): 0 of 2, to("elsewhere"): 0 of 2' ] || { echo "socket.io has changed"; exit 1; }
