// The middlewares that a client passes on its way into a namespace (`namespace.use`), and who got stuck in one; and where
// those of its events (`socket.use`) were registered.
//
// What such a middleware throws before it calls `next`, or rejects with, is not reported: the client is neither let in nor
// refused, and waits.
"use strict";

const { text } = require("./encode.cjs");
const where = require("./where.cjs");

const WHY = "a middleware of the namespace did not let it in";
const MOST = 1000; // clients that wait at once; a program that lets no client in for hours must not grow by it

class Gates {
  constructor(wire) {
    this.wire = wire;
    this.places = new WeakMap(); // namespace or socket to where its middlewares were registered
    this.waiting = new Map(); // socket to how many of them it has passed
    this.told = new WeakSet();
  }

  registered(owner) {
    const places = this.places.get(owner) ?? [];
    places.push(where.ofCaller());
    this.places.set(owner, places);
  }

  placeOf(owner, index) {
    return this.places.get(owner)?.[index] ?? null;
  }

  entering(namespace, socket) {
    if (namespace._fns?.length > 0 && this.waiting.size < MOST) this.waiting.set(socket, 0);
  }

  passing(socket, index, error) {
    if (error || index + 1 >= socket.nsp._fns.length) this.waiting.delete(socket);
    else if (this.waiting.has(socket)) this.waiting.set(socket, index + 1);
  }

  /** Who is still inside, once each. */
  tell() {
    for (const [socket, index] of this.waiting) {
      if (this.told.has(socket)) continue;
      this.told.add(socket);
      const place = this.placeOf(socket.nsp, index);
      this.wire.put(
        "no_handler",
        `"sid":${text(socket.id)},"ns":${text(socket.nsp.name)},"event":"connect","why":${text(WHY)},"where":${text(place)}`,
      );
    }
  }
}

module.exports = { Gates };
