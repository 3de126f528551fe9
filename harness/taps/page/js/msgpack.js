// MessagePack, as far as a packet of socket.io-msgpack-parser needs it: https://github.com/msgpack/msgpack/blob/master/spec.md
// Decoding is complete but for extension types, which become null; encoding knows what a fence is made of.

const MSGPACK_DEPTH = 64; // a packet that is nested deeper is not read

/** The value in some bytes. Throws a RangeError where they end too early or are nested too deeply. */
const fromMsgpack = (buffer) => {
  const view = new DataView(buffer);
  let at = 0;
  const take = (size) => ((at += size), at - size);
  const text = (size) => new TextDecoder().decode(new Uint8Array(buffer, take(size), size));
  const bytes = (size) => buffer.slice(at, (at += size));
  const list = (size, depth) => Array.from({ length: Math.min(size, buffer.byteLength) }, () => read(depth + 1));
  const map = (size, depth) => {
    const found = Object.create(null);
    for (let i = 0; i < size; i++) {
      const key = read(depth + 1);
      found[key] = read(depth + 1);
    }
    return found;
  };
  const skip = (size) => (take(size + 1), null);
  const wide = (big) => (Number.isSafeInteger(Number(big)) ? Number(big) : `${big}`);

  function read(depth) {
    if (depth > MSGPACK_DEPTH) throw new RangeError("nested too deeply");
    const type = view.getUint8(take(1));
    if (type < 0x80) return type;
    if (type < 0x90) return map(type & 15, depth);
    if (type < 0xa0) return list(type & 15, depth);
    if (type < 0xc0) return text(type & 31);
    if (type >= 0xe0) return type - 256;
    switch (type) {
      case 0xc2: return false;
      case 0xc3: return true;
      case 0xc4: return bytes(view.getUint8(take(1)));
      case 0xc5: return bytes(view.getUint16(take(2)));
      case 0xc6: return bytes(view.getUint32(take(4)));
      case 0xc7: return skip(view.getUint8(take(1)));
      case 0xc8: return skip(view.getUint16(take(2)));
      case 0xc9: return skip(view.getUint32(take(4)));
      case 0xca: return view.getFloat32(take(4));
      case 0xcb: return view.getFloat64(take(8));
      case 0xcc: return view.getUint8(take(1));
      case 0xcd: return view.getUint16(take(2));
      case 0xce: return view.getUint32(take(4));
      case 0xcf: return wide(view.getBigUint64(take(8)));
      case 0xd0: return view.getInt8(take(1));
      case 0xd1: return view.getInt16(take(2));
      case 0xd2: return view.getInt32(take(4));
      case 0xd3: return wide(view.getBigInt64(take(8)));
      case 0xd4: case 0xd5: case 0xd6: case 0xd7: case 0xd8: return skip(1 << (type - 0xd4));
      case 0xd9: return text(view.getUint8(take(1)));
      case 0xda: return text(view.getUint16(take(2)));
      case 0xdb: return text(view.getUint32(take(4)));
      case 0xdc: return list(view.getUint16(take(2)), depth);
      case 0xdd: return list(view.getUint32(take(4)), depth);
      case 0xde: return map(view.getUint16(take(2)), depth);
      case 0xdf: return map(view.getUint32(take(4)), depth);
      default: return null; // 0xc0, nil
    }
  }

  const value = read(0);
  if (at !== buffer.byteLength) throw new RangeError("something follows the packet");
  return value;
};

/** `{type, nsp}` as bytes: a small number and a text of at most 31 ASCII characters. */
const fenceAsMsgpack = (type, nsp) => {
  const text = (word) => [0xa0 | word.length, ...new TextEncoder().encode(word)];
  return new Uint8Array([0x82, ...text("type"), type, ...text("nsp"), ...text(nsp)]);
};

const toBase64 = (bytes) => btoa(String.fromCharCode(...bytes));
const fromBase64 = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0)).buffer;
