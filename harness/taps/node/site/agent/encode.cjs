// From the program's values to JSON, at the moment they are seen: the program may change them right afterwards.
"use strict";

const { createHash } = require("node:crypto");

const SECRET = ["token", "secret", "password", "authorization", "cookie"];
const SECRET_IN_TEXT = new RegExp(SECRET.join("|"), "i");
const SECRET_IN_URL = new RegExp(`([?&][^=&#]*(?:${SECRET.join("|")})[^=&#]*=)[^&#]*`, "gi");
const USER_IN_URL = /\/\/[^/@\s]*@/g;
const REDACTED = "[redacted]";
const ATTACHED = /\{"_bytes":(\d+),"sha1":/g; // as bytes are described
const MOST_VALUES = 200_000;
const EVENT = /^\["((?:[^"\\]|\\.)*)"(,|\])/s;

const { stringify, parse } = JSON;
const quote = (anything) => stringify(String(anything));

const SIMPLE = /^[\w:./# -]*$/;
const quoted = new Map(); // ids and names, which come again and again

/** A JSON string, or null for nothing. */
function text(anything) {
  if (anything === null || anything === undefined) return "null";
  const known = quoted.get(anything);
  if (known !== undefined) return known;
  if (typeof anything === "string" && anything.length < 60 && SIMPLE.test(anything)) {
    if (quoted.size > 5000) quoted.clear();
    quoted.set(anything, `"${anything}"`);
    return `"${anything}"`;
  }
  return stringify(typeof anything === "string" ? anything : String(anything).slice(0, 300));
}

/** JSON text. Secrets are out; bytes and what JSON doesn't know are described. */
function value(anything) {
  if (typeof anything === "number") return Number.isFinite(anything) ? String(anything) : "null";
  if (anything === undefined || anything === null) return "null";
  let encoded;
  try {
    encoded = stringify(anything);
  } catch {
    return stringify(copied(anything));
  }
  if (encoded === undefined) return "null";
  const unsafe = SECRET_IN_TEXT.test(encoded) || encoded.includes('"type":"Buffer"');
  return unsafe || hasBytes(anything, 0) ? stringify(copied(anything)) : encoded;
}

/** `[name, ...args]` as the members `event` and `args` of a record. */
function message(data) {
  return `"event":${text(data[0])},"args":${value(data.slice(1))}`;
}

/**
 * The list in a packet's text, as the default parser writes it: a digit, the namespace, which may have brackets too, the
 * list to the end. Empty where another parser has written the text.
 */
function listIn(packet, namespace) {
  const type = packet.charCodeAt(0);
  if (type < 48 || type > 54 || !packet.endsWith("]")) return "";
  return packet.slice(packet.indexOf("[", namespace === "/" || namespace === undefined ? 0 : packet.indexOf(",")));
}

/** The same from the JSON text of `[name, ...args]`, which is what was sent; null where that can't be taken as it is. */
function messageOfText(json) {
  if (SECRET_IN_TEXT.test(json) || json.includes("\n")) return null;
  const end = json.indexOf('"', 2);
  if (json[1] === '"' && end > 0 && json.lastIndexOf("\\", end) < 0) {
    const begins = json[end + 1] === "," ? end + 2 : end + 1; // the usual name has nothing to escape
    return `"event":${json.slice(1, end + 1)},"args":[${json.slice(begins)}`;
  }
  const found = EVENT.exec(json);
  if (found === null) return null;
  const rest = found[2] === "," ? json.slice(found[0].length) : "]";
  return `"event":"${found[1]}","args":[${rest}`;
}

/** The JSON text of a list that was sent, as a value; null where that can't be taken as it is. */
function valueOfText(json) {
  return json[0] !== "[" || SECRET_IN_TEXT.test(json) || json.includes("\n") ? null : json;
}

/** Whether there are bytes in it that JSON would write out or leave empty. */
function hasBytes(anything, depth) {
  if (anything === null || typeof anything !== "object" || depth > 20) return false;
  if (isBytes(anything)) return true;
  for (const key in anything) if (hasBytes(anything[key], depth + 1)) return true;
  return false;
}

function isBytes(anything) {
  return ArrayBuffer.isView(anything) || anything instanceof ArrayBuffer;
}

/** A copy that JSON can hold, of at most so many values. Under a key that sounds secret every text is replaced. */
function copied(anything) {
  let left = MOST_VALUES;
  const around = new Set();

  function plain(given, secret) {
    left -= 1;
    if (left < 0) return "[too much]";
    if (given === null || typeof given !== "object" || isBytes(given)) return leaf(given, secret);
    if (around.has(given)) return "[circular]";
    if (around.size > 100) return "[too deep]";
    around.add(given);
    try {
      if (typeof given.toJSON === "function") return plain(given.toJSON(), secret);
      return Array.isArray(given) ? given.map((item) => plain(item, secret)) : fields(given, secret);
    } catch (error) {
      return `[${failure(error)}]`; // the program's own code failed: it will see that itself
    } finally {
      around.delete(given);
    }
  }

  function fields(given, secret) {
    const copy = {};
    for (const key of Object.keys(given)) {
      if (given[key] === undefined || typeof given[key] === "function") continue;
      copy[key] = plain(given[key], secret || SECRET_IN_TEXT.test(key));
    }
    return copy;
  }

  return plain(anything, false);
}

function leaf(anything, secret) {
  if (anything === null || typeof anything === "boolean" || typeof anything === "number") return anything;
  if (typeof anything === "string") return secret ? REDACTED : anything;
  if (isBytes(anything)) return bytes(anything);
  return secret ? REDACTED : describe(anything);
}

function bytes(view) {
  const raw = ArrayBuffer.isView(view) ? Buffer.from(view.buffer, view.byteOffset, view.byteLength) : Buffer.from(view);
  return { _bytes: raw.length, sha1: createHash("sha1").update(raw).digest("hex") };
}

function describe(anything) {
  if (anything === undefined) return null;
  try {
    return String(anything).slice(0, 200);
  } catch {
    return `<${typeof anything}>`;
  }
}

/**
 * A room as it is told: the text itself, and anything else with its type around it, for 7 is not "7".
 * Socket.IO keeps rooms in a Map, where the two are different; `undefined` is a room there too, and not all clients.
 */
function room(given) {
  if (given === null || given === undefined) return stringify(`<${given} ${given}>`);
  return stringify(typeof given === "string" ? given : `<${typeof given} ${describe(given)}>`);
}

/** A JSON list of texts. */
function list(items, one = text) {
  let told = "";
  for (const item of items) told += told === "" ? one(item) : `,${one(item)}`;
  return `[${told}]`;
}

/** How much a message is, as it was told: its text, and the bytes that are described in it and go beside the text. */
function sizeOf(told) {
  if (!told.includes('"_bytes":')) return told.length;
  return [...told.matchAll(ATTACHED)].reduce((size, [, more]) => size + Number(more), told.length);
}

/** A JSON string of an address without the secrets in its query or the user in front of its host. */
function url(address) {
  const shown = String(address).replace(USER_IN_URL, `//${REDACTED}@`);
  return quote(shown.replace(SECRET_IN_URL, `$1${REDACTED}`).slice(0, 1000));
}

/** The command line with the values of --token X, --token=X and ?token=X taken out. */
function withoutSecrets(argv) {
  let hide = false;
  return argv.map((word) => {
    const at = word.indexOf("=");
    const option = at < 0 ? word : word.slice(0, at);
    if (hide && !word.startsWith("-")) {
      hide = false;
      return REDACTED;
    }
    const secret = SECRET_IN_TEXT.test(option);
    hide = secret && at < 0 && word.startsWith("-");
    return secret && at >= 0 ? `${option}=${REDACTED}` : word;
  });
}

/** An error's name and text, shortened. */
function failure(error) {
  if (error instanceof Error || (error && typeof error.message === "string")) {
    return `${error.name || "Error"}: ${error.message}`.slice(0, 500);
  }
  return describe(error) || "undefined";
}

module.exports = {
  failure,
  list,
  listIn,
  message,
  messageOfText,
  parse,
  quote,
  room,
  sizeOf,
  text,
  url,
  value,
  valueOfText,
  withoutSecrets,
};
