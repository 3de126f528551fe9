// Bytes as they are told in a record: how many, and their SHA-1, by which they are compared with what other taps saw.

const HASHED_LIMIT = 4_000_000; // more than that would keep a page from drawing; their number alone is told then

const turned = (word, by) => (word << by) | (word >>> (32 - by));

/** The SHA-1 of some bytes in hexadecimal digits (FIPS 180-4). The page's own `crypto.subtle` answers too late. */
const sha1Of = (bytes) => {
  const blocks = (bytes.length + 8 >> 6) + 1;
  const words = new DataView(new ArrayBuffer(blocks * 64));
  new Uint8Array(words.buffer).set(bytes);
  words.setUint8(bytes.length, 0x80);
  words.setUint32(blocks * 64 - 8, Math.floor(bytes.length / 2 ** 29));
  words.setUint32(blocks * 64 - 4, (bytes.length << 3) >>> 0);
  const state = Int32Array.of(0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0);
  const w = new Int32Array(80);
  for (let at = 0; at < blocks * 64; at += 64) {
    for (let i = 0; i < 16; i++) w[i] = words.getInt32(at + 4 * i);
    for (let i = 16; i < 80; i++) w[i] = turned(w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16], 1);
    let [a, b, c, d, e] = state;
    for (let i = 0; i < 80; i++) {
      const [f, k] =
        i < 20 ? [(b & c) | (~b & d), 0x5a827999]
        : i < 40 ? [b ^ c ^ d, 0x6ed9eba1]
        : i < 60 ? [(b & c) | (b & d) | (c & d), 0x8f1bbcdc]
        : [b ^ c ^ d, 0xca62c1d6];
      const next = (turned(a, 5) + f + e + k + w[i]) | 0;
      [e, d, c, b, a] = [d, c, turned(b, 30), a, next];
    }
    [a, b, c, d, e].forEach((word, i) => (state[i] += word));
  }
  return [...state].map((word) => (word >>> 0).toString(16).padStart(8, "0")).join("");
};

/** What is told of bytes: an ArrayBuffer, a view of one, or a Blob, which can't be read at once. */
const described = (data, size = data.byteLength ?? data.size) => {
  if (size > HASHED_LIMIT || data.byteLength === undefined) return { size };
  const bytes = ArrayBuffer.isView(data) ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength) : new Uint8Array(data);
  return { size, sha1: sha1Of(bytes) };
};
