"use strict";
importScripts("./socket.io.min.js");
const strict = (function () { return this === undefined; })();
const tell = (...message) => globalThis.postMessage?.(message);
const socket = io(location.origin, { transports: ["websocket"] });
socket.on("connect", () => tell("state", "connected"));
// Told a moment later, as a worker does that gathers what it passes on.
socket.on("skill:started", (event) => setTimeout(() => tell("event", { type: "skill:started", ...event }), 150));
self.onconnect = ({ ports: [port] }) => {
  globalThis.postMessage = (message) => port.postMessage(message); // a shared worker has none of its own
  if (socket.connected) tell("state", "connected");
};
self.onmessage = ({ data }) => {
  if (data === "fail") throw new Error("as asked");
  tell("told", [data.n, data.bytes.byteLength, location.protocol, location.origin, location.pathname.split("/").pop().length, name, strict]);
};
