// Publishes events, so many of them at once, and says how many microseconds of the server's processor each took.

import { io } from "socket.io-client";

const [port, events, atOnce] = process.argv.slice(2).map(Number);
const connect = async () => {
  const socket = io(`http://127.0.0.1:${port}`, { transports: ["websocket"], forceNew: true });
  await new Promise((done) => socket.once("connect", done));
  return socket;
};
const dashboards = await Promise.all(Array.from({ length: 5 }, connect));
for (const each of dashboards) await each.emitWithAck("watch");
const producer = await connect();
const event = (seq) => ({ type: "step:done", session: "bench", seq, data: { text: "a text of some fifty characters, as they are", list: [1, 2, 3] } });

async function burst(count) {
  let next = 0;
  const one = async () => {
    while (next < count) await producer.emitWithAck("publish", event(next++));
  };
  await Promise.all(Array.from({ length: atOnce }, one));
}

await burst(3000); // what is compiled by then, and the agent's first places
await producer.emitWithAck("begin");
await burst(events);
console.log((await producer.emitWithAck("end")) / events);
process.exit(0);
