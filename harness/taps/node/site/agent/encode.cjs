// From the program's values to JSON, at the moment they are seen: the program may change them right afterwards.
"use strict";

const { createHash } = require("node:crypto");

const SECRET = ["token", "secret", "password", "authorization", "cookie"];
const SECRET_IN_TEXT = new RegExp(SECRET.join("|"), "i");
const SECRET_IN_URL = new RegExp(`([?&][^=&#]*(?:${SECRET.join("|")})[^=&#]*=)[^&#]*`, "gi");
const USER_IN_URL = /\/\/[^/@\s]*@/g;
const REDACTED = "[redacted]";
const MOST_VALUES = 200_000;
const EVENT = /^\["((?:[^"\\]|\\.)*)"(,|\])/s;

const { stringify, parse } = JSON;
const quote = (anything) => stringify(String(anything));

/** A JSON string, or null for nothing. */
function text(anything) {
  if (anything === null || anything === undefined) return "null";
  return stringify(typeof anything === "string" ? anything : String(anything).slice(0, 300));
}

/** JSON text. Secrets are out; bytes and what JSON doesn't know are described. */
function value(anything) {
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

/** The same from the JSON text of `[name, ...args]`, which is what was sent; null where that can't be taken as it is. */
function messageOfText(json) {
  if (SECRET_IN_TEXT.test(json) || json.includes("\n")) return null;
  const found = EVENT.exec(json);
  if (found === null) return null;
  const rest = found[2] === "," ? json.slice(found[0].length) : "]";
  return `"event":"${found[1]}","args":[${rest}`;
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

  function plain(value, secret) {
    left -= 1;
    if (left < 0) return "[too much]";
    if (value === null || typeof value !== "object" || isBytes(value)) return leaf(value, secret);
    if (around.has(value)) return "[circular]";
    if (around.size > 100) return "[too deep]";
    around.add(value);
    try {
      if (typeof value.toJSON === "function") return plain(value.toJSON(), secret);
      return Array.isArray(value) ? value.map((item) => plain(item, secret)) : fields(value, secret);
    } finally {
      around.delete(value);
    }
  }

  function fields(value, secret) {
    const copy = {};
    for (const key of Object.keys(value)) {
      if (value[key] === undefined || typeof value[key] === "function") continue;
      copy[key] = plain(value[key], secret || SECRET_IN_TEXT.test(key));
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
 * Socket.IO keeps rooms in a Map, where the two are different.
 */
function room(given) {
  if (given === null || given === undefined) return "null";
  return stringify(typeof given === "string" ? given : `<${typeof given} ${describe(given)}>`);
}

/** A JSON list of texts. */
function list(items, one = stringify) {
  let told = "";
  for (const item of items) told += told === "" ? one(item) : `,${one(item)}`;
  return `[${told}]`;
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

module.exports = { failure, list, message, messageOfText, parse, quote, room, text, url, value, withoutSecrets };
