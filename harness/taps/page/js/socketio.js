// Socket.IO protocol 5 over Engine.IO protocol 4, as text. Only what a tap must tell apart.
// https://socket.io/docs/v4/engine-io-protocol/ and https://socket.io/docs/v4/socket-io-protocol/

const SEPARATOR = "\x1e"; // between the packets of one polling payload
const ENGINE = { OPEN: "0", CLOSE: "1", MESSAGE: "4", UPGRADE: "5", NOOP: "6", BINARY: "b" };
const SOCKET = { CONNECT: 0, DISCONNECT: 1, EVENT: 2, ACK: 3, CONNECT_ERROR: 4, BINARY_EVENT: 5, BINARY_ACK: 6 };
const FENCE = "/__fence_"; // our namespaces; no server declares them, so the server refuses in order

const isEngineUrl = (url) => /[?&]EIO=\d/.test(String(url));

/** The protocol of Engine.IO that a connection asks for; only 4 is read here. */
const PROTOCOL = "4";
const protocolOf = (url) => /[?&]EIO=(\d+)/.exec(String(url))?.[1] ?? null;

/** A URL without what only the connection's own two ends should know. */
const publicUrl = (url) => {
  const { origin, pathname } = new URL(url, location.href);
  return origin + pathname;
};

/** The parts of a Socket.IO packet: `4` and the engine's type are already after `at`. The body stays JSON text. */
const parsePacket = (text, at = 1) => {
  const type = text.charCodeAt(at++) - 48;
  let attachments = 0;
  if (type === SOCKET.BINARY_EVENT || type === SOCKET.BINARY_ACK) {
    const dash = text.indexOf("-", at);
    attachments = Number(text.slice(at, dash));
    at = dash + 1;
  }
  let ns = "/";
  if (text[at] === "/") {
    const comma = text.indexOf(",", at);
    const end = comma < 0 ? text.length : comma;
    ns = text.slice(at, end);
    at = end + 1;
  }
  const first = at;
  while (text.charCodeAt(at) >= 48 && text.charCodeAt(at) <= 57) at++;
  const id = at > first ? Number(text.slice(first, at)) : null;
  return { type, ns, id, attachments, body: text.slice(at) };
};

/** The packets of a polling payload. */
const parsePayload = (text) => (text.includes(SEPARATOR) ? text.split(SEPARATOR) : [text]);

/** Puts packets and the binary frames after them together again; `done` gets each whole packet. */
const makeAssembler = (done) => {
  let waiting = null;
  return {
    packet(packet) {
      packet.bytes = [];
      if (packet.attachments > 0) waiting = packet;
      else done(packet);
    },
    binary(told) {
      if (waiting === null) return;
      waiting.bytes.push(told);
      if (waiting.bytes.length < waiting.attachments) return;
      const whole = waiting;
      waiting = null;
      done(whole);
    },
  };
};
