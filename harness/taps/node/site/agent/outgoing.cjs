// Reads what a client writes to a server as HTTP/1.1: each request, with its body where that is JSON.
"use strict";

const BODY_BYTES = 1024 * 1024; // a longer body is passed over
const HEAD_BYTES = 64 * 1024;
const METHODS = /^(?:GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS) /;
const TAKING = new Set(["POST", "PUT", "PATCH"]);
const END = Buffer.from("\r\n\r\n");
const LINE = Buffer.from("\r\n");

/** What one connection's client writes. `over` once it can't be HTTP, or becomes something else (WebSocket). */
class Outgoing {
  /** `saw(request)` is called when a request is complete: `{method, path, body}`, the body as text or null. */
  constructor(saw) {
    this.saw = saw;
    this.over = false;
    this.waiting = null; // bytes that don't suffice yet
    this.request = null; // whose body is being read
    this.left = 0; // bytes to come of its body or chunk
    this.isChunked = false;
    this.parts = [];
    this.size = 0;
  }

  take(bytes) {
    let rest = this.waiting === null ? bytes : Buffer.concat([this.waiting, bytes]);
    this.waiting = null;
    while (rest !== null && rest.length > 0 && !this.over)
      rest = this.request === null ? this.head(rest) : this.body(rest);
  }

  head(bytes) {
    const end = bytes.indexOf(END);
    if (!METHODS.test(bytes.toString("latin1", 0, 8)) || (end < 0 && bytes.length > HEAD_BYTES)) {
      this.over = true;
      return null;
    }
    if (end < 0) return this.wait(bytes);
    const text = bytes.toString("latin1", 0, end);
    const [, method, target] = /^(\S+) (\S+)/.exec(text);
    const said = (name) => new RegExp(`\\r\\n${name}:[ \\t]*([^\\r\\n]*)`, "i").exec(text)?.[1].trim().toLowerCase();
    if (said("upgrade") !== undefined) this.over = true;
    const path = target.replace(/^https?:\/\/[^/?]*/i, "").replace(/\?.*$/s, "") || "/";
    const isEvent = TAKING.has(method) && /json/.test(said("content-type") ?? "") && !target.includes("EIO=");
    this.request = { method, path, body: null, isEvent };
    this.isChunked = /chunked/.test(said("transfer-encoding") ?? "");
    this.left = this.isChunked ? 0 : Number(said("content-length") ?? 0);
    if (!this.isChunked && this.left === 0) this.complete();
    return bytes.subarray(end + END.length);
  }

  body(bytes) {
    if (this.isChunked && this.left === 0) return this.chunk(bytes);
    const now = bytes.subarray(0, this.left);
    this.left -= now.length;
    if (this.isChunked && this.left < LINE.length)
      this.keep(now.subarray(0, Math.max(0, now.length - LINE.length + this.left)));
    else this.keep(now);
    if (this.left === 0 && !this.isChunked) this.complete();
    return bytes.subarray(now.length);
  }

  /** The size of the next chunk, which ends with a line's end of its own; none is the last. */
  chunk(bytes) {
    const end = bytes.indexOf(LINE);
    if (end < 0) return bytes.length > 100 ? ((this.over = true), null) : this.wait(bytes);
    const size = parseInt(bytes.toString("latin1", 0, end), 16);
    if (!(size >= 0)) {
      this.over = true;
      return null;
    }
    if (size > 0) {
      this.left = size + LINE.length;
      return bytes.subarray(end + LINE.length);
    }
    const last = bytes.indexOf(END, end);
    if (last < 0) return this.wait(bytes);
    this.complete();
    return bytes.subarray(last + END.length);
  }

  keep(bytes) {
    this.size += bytes.length;
    if (this.request.isEvent && this.size <= BODY_BYTES) this.parts.push(Buffer.from(bytes));
  }

  wait(bytes) {
    this.waiting = Buffer.from(bytes);
    return null;
  }

  complete() {
    const { request, parts, size } = this;
    [this.request, this.parts, this.size] = [null, [], 0];
    if (request.isEvent && size <= BODY_BYTES && size > 0) request.body = Buffer.concat(parts).toString("utf8");
    this.saw(request);
  }
}

module.exports = { BODY_BYTES, Outgoing, TAKING };
