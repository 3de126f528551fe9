// What the tap uses of its realm (a page, a frame, a worker), taken before the page's code can replace it.

const now = performance.now.bind(performance);
const wallClock = Date.now;
const toJson = JSON.stringify;
const fromJson = JSON.parse;
const nativeTimeout = globalThis.setTimeout.bind(globalThis);
const nativeClear = globalThis.clearTimeout.bind(globalThis);

/** A promise that resolves to `undefined` at the deadline, and the means to call it off. */
const until = (deadline) => {
  let id;
  const over = new Promise((resolve) => (id = nativeTimeout(resolve, Math.max(0, deadline - now()))));
  return { over, cancel: () => nativeClear(id) };
};
