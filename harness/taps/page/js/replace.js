// Putting our functions in place of the browser's, so that the page's code finds the same names, texts and descriptors.

const originals = new WeakMap(); // our function → the browser's

/** A proxy that says of itself what the original says. */
const standIn = (original, traps) => {
  const proxy = new Proxy(original, traps);
  originals.set(proxy, originals.get(original) ?? original); // two taps may stand in front of one function
  return proxy;
};

/** Replaces a function of `owner`; `traps` are those of a Proxy. Returns the replacement. */
const replace = (owner, name, traps) => {
  const descriptor = Object.getOwnPropertyDescriptor(owner, name);
  const value = standIn(descriptor.value, traps);
  Object.defineProperty(owner, name, { ...descriptor, value });
  return value;
};

/** Replaces a function of the realm's own, wherever among the prototypes of its global object that is. */
const replaceGlobal = (name, traps) => {
  let owner = globalThis;
  while (owner !== null && !Object.hasOwn(owner, name)) owner = Object.getPrototypeOf(owner);
  return owner === null ? undefined : replace(owner, name, traps);
};

// `String(WebSocket)` names the function only for the browser's own.
replace(Function.prototype, "toString", {
  apply: (target, self, args) => Reflect.apply(target, originals.get(self) ?? self, args),
});
