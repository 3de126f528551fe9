// What is known of things for a short while, mostly asked in the order of their coming: two lists beside each other.
//
// A Map would do, but for V8's collector: a Map that is filled and emptied all the time leaves its old tables behind, and
// one that has grown old keeps all later ones, with what was in them. That cost more than what it was for.
"use strict";

class Arrivals {
  /** At `most` at once: what is never asked for must not gather. */
  constructor(most) {
    this.most = most;
    this.things = [];
    this.told = [];
  }

  add(thing, told) {
    if (this.things.length >= this.most) [this.things, this.told] = [[], []];
    this.things.push(thing);
    this.told.push(told);
  }

  /** What was told of a thing, which is forgotten with it; undefined where nothing was. */
  take(thing) {
    const { things, told } = this;
    if (things[0] === thing) return this.shift();
    const at = things.indexOf(thing);
    if (at < 0) return undefined;
    things.splice(at, 1);
    return told.splice(at, 1)[0];
  }

  /** The same where what came before it is not asked for any more: it is forgotten, too. */
  takeNext(thing) {
    const at = this.things.indexOf(thing);
    for (let each = 0; each < at; each += 1) this.shift();
    return at < 0 ? undefined : this.shift();
  }

  shift() {
    this.things.shift();
    return this.told.shift();
  }
}

module.exports = { Arrivals };
