#!/usr/bin/env bash
# python-socketio 5.18.1 (server, client), socket.io-client 4.8.1, socket.io 4.8.1.
#
# A server's greeting, emitted in its connect handler, is the first thing that a client gets. With a python-socketio server
# it comes before the packet that confirms the connection: a client's `connect` listener runs after the event, and a listener
# that is registered there misses it for good. With `always_connect=True` it is the other way round, as it always is with a
# socket.io server on Node.js. Who replays a session's history from the connect handler sends it to no client.
set -euo pipefail
folder=$(mktemp -d); server=
trap '[ -z "$server" ] || kill "$server" 2>/dev/null || true; rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install -qq --disable-pip-version-check python-socketio==5.18.1 python-engineio==4.15.1 aiohttp==3.14.5 requests==2.32.5
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --save-exact socket.io@4.8.1 socket.io-client@4.8.1 >/dev/null

cat > server.py <<'PY'
import asyncio, sys
import socketio
from aiohttp import web

sio = socketio.AsyncServer(async_mode="aiohttp", always_connect=sys.argv[1] == "always")
app = web.Application()
sio.attach(app)

@sio.event
async def connect(sid, environ, auth):
    await sio.emit("greeting", to=sid)

async def main():
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    print(runner.addresses[0][1], flush=True)
    await asyncio.Event().wait()

asyncio.run(main())
PY
cat > server.js <<'JS'
const { Server } = require("socket.io");
const http = require("http").createServer();
new Server(http).on("connection", (socket) => socket.emit("greeting"));
http.listen(0, "127.0.0.1", () => console.log(http.address().port));
JS
cat > client.js <<'JS'
const { io } = require("socket.io-client");
const socket = io(`http://127.0.0.1:${process.argv[2]}`);
const seen = [];
const note = (what) => { seen.push(what); if (seen.length === 1) setTimeout(() => { console.log(seen.join(" ")); process.exit(); }, 500); };
socket.on("greeting", () => note("greeting"));
socket.on("connect", () => { note("connect"); socket.on("greeting", () => note("late-listener")); });
JS
cat > client.py <<'PY'
import sys, time
import socketio

seen = []
client = socketio.Client()
client.on("greeting", lambda: seen.append("greeting"))
client.on("connect", lambda: seen.append("connect"))
client.connect(f"http://127.0.0.1:{sys.argv[1]}")
time.sleep(0.5)
print(*seen)
client.disconnect()
PY

failed=0
see() { # see NAME EXPECTED COMMAND… with the server's port as the last argument
  local name=$1 expected=$2 port; shift 2
  mkfifo pipe; "${serve[@]}" > pipe & server=$!
  read -r port < pipe; rm pipe
  local saw; saw=$("$@" "$port")
  kill "$server"; wait "$server" 2>/dev/null || true; server=
  echo "$name: $saw"
  [ "$saw" = "$expected" ] || { echo "  changed: expected '$expected'"; failed=1; }
}
serve=(venv/bin/python server.py default)
see "Python server, JavaScript client" "greeting connect" node client.js
see "Python server, Python client" "greeting connect" venv/bin/python client.py
serve=(venv/bin/python server.py always)
see "Python server (always_connect), JavaScript client" "connect greeting late-listener" node client.js
serve=(node server.js)
see "Node.js server, JavaScript client" "connect greeting late-listener" node client.js
exit "$failed"
