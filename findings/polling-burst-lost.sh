#!/usr/bin/env bash
# python-socketio 5.18.1, python-engineio 4.15.1, client and server.
#
# A server takes at most 16 packets in one POST. For more it logs an exception, throws all of them away, and answers "OK";
# the same library's client packs all that waits in its queue into one POST and knows no such limit. Sixteen emits in a row
# over polling arrive. Of seventeen none arrives: emit() has raised nothing, the client has no `disconnect` event,
# `connected` stays True, and the next emit, alone, arrives again. A whole burst is lost between sent and received, in the
# middle of a connection that looks healthy.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install -qq --disable-pip-version-check python-socketio==5.18.1 python-engineio==4.15.1 aiohttp==3.14.5
cat > burst.py <<'PY'
import asyncio, logging
import socketio
from aiohttp import web

logging.disable(logging.CRITICAL)

async def main():
    sio = socketio.AsyncServer(async_mode="aiohttp")
    app = web.Application()
    sio.attach(app)
    received = []

    @sio.on("event")
    async def event(sid, number):
        received.append(number)

    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    for burst in (16, 17):
        received.clear()
        heard, ended = [], []
        client = socketio.AsyncClient(reconnection=False)
        client.on("news", heard.append)
        client.on("disconnect", ended.append)
        await client.connect(f"http://127.0.0.1:{runner.addresses[0][1]}", transports=["polling"])
        await asyncio.sleep(0.3)
        for number in range(burst):
            await client.emit("event", number)
        await asyncio.sleep(1)
        await client.emit("event", "one more")
        await sio.emit("news", "to all")
        await asyncio.sleep(1)
        print(f"{burst} emits and one more: {len(received)} received, connected {client.connected}, "
              f"disconnect events {len(ended)}, heard from the server {len(heard)}")
        await client.disconnect()
    await runner.cleanup()

asyncio.run(main())
PY
saw=$(venv/bin/python burst.py 2>/dev/null)
echo "$saw"
[ "$saw" = "16 emits and one more: 17 received, connected True, disconnect events 0, heard from the server 1
17 emits and one more: 1 received, connected True, disconnect events 0, heard from the server 1" ] || { echo "this has changed"; exit 1; }
