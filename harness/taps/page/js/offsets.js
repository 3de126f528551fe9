// What a server with connection state recovery adds to each event for its client: where in its log the event is, as one
// more argument. https://socket.io/docs/v4/connection-state-recovery

const OFFSET = /,\s*"(?:([\w-]{7})(?:\.[\w-]+)?|(\d{13})-\d+|([0-9a-f]{24}))"\]$/;
const YEAST = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_";
const NEAR_MS = 86_400_000; // a log is not kept for a day

/** When a server made an offset: of its own memory's log, of a Redis stream, of a collection in MongoDB. */
const offsetTime = ([, yeast, stream, object]) => {
  if (stream !== undefined) return Number(stream);
  if (object !== undefined) return parseInt(object.slice(0, 8), 16) * 1000;
  return [...yeast].reduce((time, digit) => time * 64 + YEAST.indexOf(digit), 0);
};

/**
 * The arguments that were emitted, without an offset after them. Events that are volatile or want an answer have none,
 * and their last argument may be a text: an offset is one by the time that it tells.
 */
const withoutOffset = (body, id) => {
  const found = id === null ? OFFSET.exec(body) : null;
  if (found === null || Math.abs(offsetTime(found) - wallClock()) > NEAR_MS) return body;
  return `${body.slice(0, found.index)}]`;
};
