// The message queue by which servers pass events on to each other: where it is, and which channel of it.
//
// Known of Redis's publish and subscribe alone, for what others are connected to is not to be seen in their adapters.
"use strict";

const { text, url } = require("./encode.cjs");

/** The prefix of an adapter's or an emitter's channel: without the namespace that it ends with. */
const prefix = (channel, namespace) => channel.slice(0, -`#${namespace}#`.length);

/** Where a client of Redis is connected to, by either of the two libraries for it; undefined where it doesn't say. */
function addressOf({ options = {} }) {
  if (typeof options.url === "string") return options.url;
  const { host, port, path } = options.socket ?? options;
  if (typeof path === "string") return `redis+unix://${path}`;
  return host === undefined && port === undefined ? undefined : `redis://${host ?? "127.0.0.1"}:${port ?? 6379}`;
}

/** Inside of a JSON object: address without credentials, and channel; null where it is not known. */
function queue(client, channel, namespace) {
  const address = client === undefined || typeof channel !== "string" ? undefined : addressOf(client);
  if (address === undefined) return `"queue":null,"channel":null`;
  return `"queue":${url(address)},"channel":${text(prefix(channel, namespace))}`;
}

/** The same of an adapter's. */
const queueOf = (adapter) => queue(adapter.pubClient, adapter.channel, adapter.nsp.name);

module.exports = { queue, queueOf };
