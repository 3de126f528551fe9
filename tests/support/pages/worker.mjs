import { io } from "./socket.io.esm.min.js";
const strict = (function () { return this === undefined; })();
const tell = (...message) => postMessage(message);
const socket = io(location.origin, { transports: ["websocket"] });
socket.on("connect", () => tell("state", "connected"));
// Told a moment later, as a worker does that gathers what it passes on.
socket.on("skill:started", (event) => setTimeout(() => tell("event", { type: "skill:started", ...event }), 150));
self.onmessage = ({ data }) => {
  if (data === "fail") throw new Error("as asked");
  tell("told", [data.n, data.bytes.byteLength, location.protocol, location.origin, location.pathname.split("/").pop().length, name, strict]);
};
