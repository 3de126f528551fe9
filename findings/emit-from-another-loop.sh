#!/usr/bin/env bash
# python-socketio 5.18.1 on aiohttp 3.14.5.
#
# A thread that has no loop of its own calls the asynchronous server by `asyncio.run(server.emit(...))`, as one calls any
# coroutine. It returns, nothing is raised or logged, and the event stands in the client's queue: what would wake the task
# that sends it belongs to the server's loop, which is not told. It leaves when anything else wakes that loop: the next
# message, or the next ping, up to 25 s later by default. In a test where something is always going on it passes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install -qq --disable-pip-version-check python-socketio==5.18.1 python-engineio==4.15.1 aiohttp==3.14.5 \
  websocket-client==1.9.0 requests==2.32.5
cat > loops.py <<'PY'
import asyncio, threading, time
import socketio
from aiohttp import web

sio = socketio.AsyncServer(async_mode="aiohttp")
sio.on("ping-me", lambda sid: "pong")
where = {}
ready = threading.Event()

async def serve():
    app = web.Application()
    sio.attach(app)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    where["port"] = runner.addresses[0][1]
    ready.set()
    await asyncio.Event().wait()

threading.Thread(target=asyncio.run, args=(serve(),), daemon=True).start()
ready.wait()
got = []
client = socketio.Client()
client.on("news", lambda number: got.append(number))
client.connect(f"http://127.0.0.1:{where['port']}", transports=["websocket"])
time.sleep(1)
worker = threading.Thread(target=lambda: asyncio.run(sio.emit("news", 1)))
worker.start()
worker.join()
time.sleep(3)
print(f"3 s after the emit: {len(got)} of 1")
client.call("ping-me")
time.sleep(0.5)
print(f"after another message: {len(got)} of 1")
client.disconnect()
PY
saw=$(venv/bin/python loops.py 2>&1)
echo "$saw"
[ "$saw" = "3 s after the emit: 0 of 1
after another message: 1 of 1" ] || { echo "this has changed"; exit 1; }
