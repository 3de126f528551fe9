// Starts the agent in any Node.js process whose environment asks for it, and leaves everything else as it was.
//
// Node runs this file before the program (NODE_OPTIONS=--require). It is written for old releases of Node too: one
// that is too old to be observed must still run its program.
"use strict";

function start() {
  var major = Number(process.versions.node.split(".")[0]);
  if (!process.env.HARNESS_AGENT || process.versions.bun || major < 16) return;
  var threads = require("node:worker_threads");
  if (!threads.isMainThread && !threads.parentPort) return; // the thread of Node's own loader
  require("./agent/index.cjs").start(process.env);
}

try {
  start();
} catch (error) {
  void error; // the program must never suffer from its observer: it runs on unobserved
}

// The program finds its own modules only in the cache, as without the agent.
for (var file in require.cache) {
  if (file.indexOf(__dirname) === 0) delete require.cache[file];
}
