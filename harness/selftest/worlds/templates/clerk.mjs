// A thread that says for every event, a little later, that it is its turn.
import { parentPort } from "node:worker_threads";

parentPort.on("message", (word) => parentPort.postMessage(word));
