#!/usr/bin/env bash
# python-socketio 5.18.1, python-engineio 4.15.1, orjson 3.13.0.
#
# `json=` takes a module like the standard one, as the documentation says, and orjson is not: its `dumps` knows no
# `separators` and makes bytes. The server starts and says nothing; each handshake is answered 500. A module of one's own
# with a `dumps` and a `loads` of those parameters, made of orjson, does.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install -qq --disable-pip-version-check python-socketio==5.18.1 python-engineio==4.15.1 aiohttp==3.14.5 orjson==3.13.0
cat > ours.py <<'PY'
import orjson

def dumps(value, **_):
    return orjson.dumps(value).decode()

def loads(text, **_):
    return orjson.loads(text)
PY
cat > serve.py <<'PY'
import asyncio
import logging
import aiohttp
import orjson
import ours
import socketio
from aiohttp import web

logging.disable()  # aiohttp logs the TypeError of each request

async def main():
    for name, module in (("orjson", orjson), ("ours", ours)):
        app = web.Application()
        socketio.AsyncServer(async_mode="aiohttp", json=module).attach(app)
        runner = web.AppRunner(app)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        url = f"http://127.0.0.1:{runner.addresses[0][1]}/socket.io/?EIO=4&transport=polling"
        async with aiohttp.ClientSession() as session, session.get(url) as answer:
            print(f"{name}: {answer.status}")
        await runner.cleanup()

asyncio.run(main())
PY
saw=$(venv/bin/python serve.py)
echo "$saw"
[ "$saw" = "orjson: 500
ours: 200" ] || { echo "this has changed"; exit 1; }
