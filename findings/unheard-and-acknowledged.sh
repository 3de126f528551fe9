#!/usr/bin/env bash
# python-socketio 5.18.1 (server and client).
#
# An event without a handler is not acknowledged, where handlers are functions: a client that waits for the answer has a
# time-out, and knows. Where a namespace is a class, an event without a method of its name is acknowledged all the same,
# with nothing: a name with a hyphen or a colon, for which no method can be written, is gone and confirmed. Nothing is
# logged by default. An answer says that the message came, and not that anything was done with it.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install -qq --disable-pip-version-check python-socketio==5.18.1 python-engineio==4.15.1 aiohttp==3.14.5
cat > ferry.py <<'PY'
import asyncio
import socketio
from aiohttp import web

told = []

class Ferry(socketio.AsyncNamespace):
    async def on_cast_off(self, sid):
        told.append("cast_off")

async def main():
    server = socketio.AsyncServer(async_mode="aiohttp")
    server.register_namespace(Ferry("/class"))
    server.on("cast_off", lambda sid: told.append("cast_off"), namespace="/functions")
    app = web.Application()
    server.attach(app)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    client = socketio.AsyncClient()
    await client.connect(f"http://127.0.0.1:{runner.addresses[0][1]}", namespaces=["/class", "/functions"])
    for namespace in ("/class", "/functions"):
        for name in ("cast_off", "cast-off"):
            told.clear()
            try:
                await client.call(name, namespace=namespace, timeout=2)
                answer = "acknowledged"
            except socketio.exceptions.TimeoutError:
                answer = "never answered"
            print(f"{namespace} {name}: {'handled' if told else 'not handled'}, {answer}")
    await client.disconnect()
    await runner.cleanup()

asyncio.run(main())
PY
saw=$(venv/bin/python ferry.py)
echo "$saw"
[ "$saw" = "/class cast_off: handled, acknowledged
/class cast-off: not handled, acknowledged
/functions cast_off: handled, acknowledged
/functions cast-off: not handled, never answered" ] || { echo "this has changed"; exit 1; }
