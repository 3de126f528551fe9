// What comes to a server over plain HTTP: JSON that is posted, as its handler reads it, and how that is answered.
//
// Node tells of each request that begins. What its body emits to those who read it is looked at on the way, in
// whichever way it is read; a body that is never read was not received.
"use strict";

const { performance } = require("node:perf_hooks");
const { text } = require("./encode.cjs");
const { watchEmits } = require("./emitting.cjs");
const { makeLooks } = require("./looks.cjs");
const { BODY_BYTES, TAKING } = require("./outgoing.cjs");
const { ENGINE, messagesIn } = require("./posting.cjs");

function watchPosted(parts) {
  const { wire, pending, stalls } = parts;
  const { guarded, on } = makeLooks(parts, "posted");
  const open = new WeakMap(); // response to its request's path, and what ends the look at its body

  function begin({ request, response }) {
    const { url, method, headers } = request;
    const isJson = /json/i.test(headers["content-type"] ?? "");
    if (!TAKING.has(method) || !isJson || ENGINE.test(url) || open.has(response)) return;
    const path = url.replace(/\?.*$/s, "");
    pending.answering += 1;
    let chunks = [];
    let size = 0;
    const read = (type, [chunk]) => {
      if (type === "data" && chunks !== null) {
        size += chunk.length;
        if (size > BODY_BYTES) chunks = null;
        else chunks.push(typeof chunk === "string" ? Buffer.from(chunk) : chunk);
      } else if (type === "end") {
        stop();
        if (chunks !== null) took(path, Buffer.concat(chunks).toString("utf8"));
      }
    };
    const stop = watchEmits(request, guarded(read));
    const context = { sid: null, event: path, began: performance.now() };
    open.set(response, { path, stop, context });
    pending.open.add(context);
    stalls.begin();
    const leave = watchEmits(
      response,
      guarded((type) => {
        if (type !== "close") return; // whether it was answered or not
        leave();
        over(response);
      }),
    );
  }

  function took(path, body) {
    for (const each of messagesIn(body)) wire.put("posted", `"event":${text(path)},"args":[${each}],"ns":null`);
  }

  function over(response) {
    if (!open.has(response)) return;
    const { path, stop, context } = open.get(response);
    open.delete(response);
    pending.close(context);
    stop(); // Node reads what is left, and throws it away
    pending.answering -= 1;
    if (response.statusCode >= 400) wire.put("post_failed", `"event":${text(path)},"status":${response.statusCode}`);
  }

  on("http.server.request.start", begin);
  on("http.server.response.finish", ({ response }) => over(response));
}

module.exports = { watchPosted };
