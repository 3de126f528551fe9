// Putting our functions in place of the browser's, so that the page's code finds the same names, texts and descriptors.

const originals = new WeakMap(); // our function → the browser's

/** A proxy that says of itself what the original says. */
const standIn = (original, traps) => {
  const proxy = new Proxy(original, traps);
  originals.set(proxy, original);
  return proxy;
};

/** Replaces a function of `owner`; `traps` are those of a Proxy. Returns the replacement. */
const replace = (owner, name, traps) => {
  const descriptor = Object.getOwnPropertyDescriptor(owner, name);
  const value = standIn(descriptor.value, traps);
  Object.defineProperty(owner, name, { ...descriptor, value });
  return value;
};

// `String(WebSocket)` names the function only for the browser's own.
replace(Function.prototype, "toString", {
  apply: (target, self, args) => Reflect.apply(target, originals.get(self) ?? self, args),
});
