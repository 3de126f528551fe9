// Records on their way to the harness: lines of text, and soon bytes outside of the program's heap.
//
// What still hangs in the heap when the collector comes has to be copied by it, and that costs more than making the
// record. So no more than a few lines wait as text.
"use strict";

const { performance } = require("node:perf_hooks");

// The program may replace these in its own tests.
const { Buffer, process } = globalThis;
const now = performance.now.bind(performance);

const MS_US = 1000;
const START_US = Number(process.hrtime.bigint() / 1000n) - now() * MS_US;
const CHUNK_BYTES = 64 * 1024;
const PIECE = 4096; // characters that wait as text: still in the processor's cache when they are copied
const MOST_UTF8 = 3; // bytes of a character of a text

class Records {
  /** `write(bytes)` is given what has been gathered; it is the agent's for that moment only. */
  constructor(write) {
    this.write = write;
    this.n = 0; // the number of the last one
    this.at = 0; // and when it was: monotonic microseconds
    this.count = 0; // since the last flush
    this.text = "";
    this.chunk = null;
    this.filled = 0;
  }

  /** One record, of this moment. `body` is the inside of a JSON object. */
  add(kind, body) {
    const at = Math.round(START_US + now() * MS_US);
    if (this.text === "") this.base(at);
    this.n += 1;
    this.count += 1;
    this.text += `{"k":"${kind}","d":${at - this.at},${body}}\n`;
    this.at = at;
    if (this.text.length > PIECE) this.copy();
  }

  /**
   * What the next records count from: each is one more, and so many microseconds later. Numbers that are always new are
   * the dearest part of a record, for V8 keeps the text of each for a while.
   */
  base(at) {
    this.at = at;
    this.text = `{"k":"base","n":${this.n},"t":${at}000}\n`;
  }

  /** Write all that was gathered. */
  flush() {
    this.count = 0;
    if (this.text !== "") this.copy();
    this.empty();
  }

  copy() {
    const { text } = this;
    const most = text.length * MOST_UTF8;
    this.text = "";
    this.chunk ??= Buffer.allocUnsafeSlow(CHUNK_BYTES);
    if (most > CHUNK_BYTES - this.filled) this.empty();
    if (most > CHUNK_BYTES) this.write(Buffer.from(text, "utf8"));
    else this.filled += this.chunk.utf8Write(text, this.filled);
  }

  empty() {
    const { filled } = this;
    this.filled = 0;
    if (filled > 0) this.write(this.chunk.subarray(0, filled));
  }
}

module.exports = { Records };
