// What a client posts over plain HTTP (`http`, `fetch`, or a package that is made of either), and what it is answered.
//
// Node tells of each connection that is made. While it speaks HTTP, what is written to it is read on its way; nothing of
// the program's own runs below that, so that it is on no stack. TLS is not seen.
"use strict";

const { text, value } = require("./encode.cjs");
const { makeLooks } = require("./looks.cjs");
const { Outgoing } = require("./outgoing.cjs");
const where = require("./where.cjs");

const { nextTick } = process;
const ENGINE = /[?&]EIO=/;

function watchPosting(parts) {
  const { wire } = parts;
  const { guarded, on } = makeLooks(parts, "posting");
  const asked = new WeakMap(); // socket to its requests that wait for an answer, in order
  const sockets = new WeakMap(); // a request of fetch to the socket that it went over

  /** The messages in a body: each member of a list is one. null where it is not JSON. */
  function tell(kind, { path, messages }, more) {
    for (const each of messages) wire.put(kind, `"event":${text(path)},"args":[${each}],"ns":null${more}`);
  }

  function watch(socket) {
    const outgoing = new Outgoing((request) => {
      const waiting = asked.get(socket) ?? [];
      asked.set(socket, waiting);
      const post = { path: request.path, messages: messagesIn(request.body) };
      waiting.push(post);
      if (post.messages.length === 0) return;
      const more = `,"bytes":${request.body.length},"where":${text(where.ofCallerAtLeisure())}`;
      const sent = () => tell("post", post, more);
      if (socket.connecting) socket.once("connect", guarded(sent));
      else sent();
    });
    const look = guarded((chunk, encoding) => {
      const bytes =
        typeof chunk === "string" ? Buffer.from(chunk, typeof encoding === "string" ? encoding : "utf8") : chunk;
      if (!(bytes instanceof Uint8Array)) return; // Node is about to say what is wrong with it
      outgoing.take(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
      if (outgoing.over && socket.write === looking) delete socket.write;
    });
    const { write } = socket;
    const looking = function (...given) {
      look(...given);
      return write.apply(this, given);
    };
    Object.defineProperty(socket, "write", { value: looking, configurable: true, writable: true });
  }

  function answered(socket, status) {
    const post = asked.get(socket)?.shift();
    if (post !== undefined) tell("post_answer", post, `,"status":${Number(status)}`);
  }

  const watchGuarded = guarded(watch);
  on("net.client.socket", ({ socket }) => nextTick(watchGuarded, socket)); // connecting, Node sets its `write` anew
  on("http.client.response.finish", ({ request, response }) => answered(request.socket, response.statusCode));
  on("undici:client:sendHeaders", ({ request, socket }) => sockets.set(request, socket));
  on("undici:request:headers", ({ request, response }) => answered(sockets.get(request), response.statusCode));
}

/** The JSON texts of what a body holds, secrets taken out: of one message, or of each in a list. */
function messagesIn(body) {
  if (body === null) return [];
  try {
    const said = JSON.parse(body);
    return (Array.isArray(said) ? said : [said]).map(value);
  } catch {
    return [];
  }
}

module.exports = { ENGINE, messagesIn, watchPosting };
