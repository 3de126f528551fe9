// Which parser a connection speaks, and its packets: the default one (text, binary apart) or socket.io-msgpack-parser.
// Both ends must speak the same, so the first packet that either sends tells it. A packet in another encoding would
// end the session, so nothing is ever sent through a parser that is not known.

const PARSER = { TEXT: "text", MSGPACK: "msgpack", OTHER: "other" };

/** Notes what a text packet (`4…`) says of the parser. */
const sawText = (connection, text) => {
  connection.parser ??= text.charCodeAt(1) >= 48 && text.charCodeAt(1) <= 54 ? PARSER.TEXT : PARSER.OTHER;
};

/** The packet in a binary message where the connection's parser puts whole packets into one; else null. */
const wholeBinary = (connection, data) => {
  if (connection.parser === PARSER.TEXT || connection.parser === PARSER.OTHER) return null;
  const packet = unpacked(data);
  connection.parser ??= packet === null ? PARSER.OTHER : PARSER.MSGPACK;
  return packet;
};

const unpacked = (data) => {
  let packet;
  try {
    const isPart = ArrayBuffer.isView(data);
    packet = fromMsgpack(isPart ? data.buffer.slice(data.byteOffset, data.byteOffset + data.byteLength) : data);
  } catch {
    return null; // a Blob, or bytes of another parser
  }
  if (typeof packet?.type !== "number" || typeof packet.nsp !== "string") return null;
  const bytes = [];
  const body = packet.data === undefined ? "" : toJson(packet.data, (_, value) => placeholder(value, bytes));
  return { type: packet.type, ns: packet.nsp, id: packet.id ?? null, body, bytes };
};

/** Bytes as the default parser writes them into its JSON. */
const placeholder = (value, bytes) => {
  if (!(value instanceof ArrayBuffer)) return value;
  return { _placeholder: true, num: bytes.push(described(value)) - 1 };
};

/** A packet without data in the connection's own encoding, for its transport; null where that is not known. */
const inItsParser = ({ parser, transport }, type, ns) => {
  if (parser === PARSER.TEXT) return `${ENGINE.MESSAGE}${type}${ns},`;
  if (parser !== PARSER.MSGPACK) return null;
  const bytes = fenceAsMsgpack(type, ns);
  return transport === "websocket" ? bytes : `${ENGINE.BINARY}${toBase64(bytes)}`;
};
