// Requests for one origin go to another. `origins` is a table of http origins; ws is looked up as http.
// Cheaper than intercepting in the browser's driver: no request leaves the page's own process for it.

const rewritten = (address) => {
  let url;
  try {
    url = new URL(String(address), globalThis.document?.baseURI ?? location.href);
  } catch {
    return address; // what the page asks for is not an address: it gets the browser's own error
  }
  const scheme = url.protocol;
  const known = scheme.replace(/^ws/, "http") + "//" + url.host;
  if (!Object.hasOwn(origins, known)) {
    return address;
  }
  const to = new URL(origins[known]);
  return (scheme.startsWith("ws") ? to.protocol.replace(/^http/, "ws") : to.protocol) + "//" + to.host +
    url.pathname + url.search + url.hash;
};

const constructing = (name) => {
  const Original = globalThis[name];
  if (Original !== undefined) {
    globalThis[name] = new Proxy(Original, {
      construct(target, [address, ...more], self) {
        return Reflect.construct(target, [rewritten(address), ...more], self);
      },
    });
  }
};
constructing("WebSocket");
constructing("EventSource");

const calling = (owner, name, place) => {
  const original = owner[name];
  owner[name] = new Proxy(original, {
    apply(target, self, args) {
      if (args.length > place) {
        const asked = args[place];
        args[place] = typeof Request !== "undefined" && asked instanceof Request
          ? new Request(rewritten(asked.url), asked)
          : rewritten(asked);
      }
      return Reflect.apply(target, self, args);
    },
  });
};
calling(XMLHttpRequest.prototype, "open", 1);
calling(globalThis, "fetch", 0);
if (typeof Navigator !== "undefined") calling(Navigator.prototype, "sendBeacon", 0); // a worker has none
