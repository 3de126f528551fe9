// The page tap: records what reaches the page's connections, its state and its document, and proves what doesn't.
// Installed before the page's own scripts; `config` ({handle, spec}) is put in front of the parts by Python.

const start = () => {
  const { handle, spec } = config;
  const changes = { hard: 0, soft: 0, posts: 0, frames: 0, isTick: false, ticks: new Set() }; // hard: state, rows, counter, status; soft: panels;
  // ticks: what is asked while an interval fires, whose answer is no news that the next one would draw
  const records = makeRecords(handle);
  records.add("load", { url: location.href });

  const connections = makeConnections(records, changes, makeListeners(records));
  const polling = makePolling(records, connections);
  const fences = makeFences(connections, polling);
  const realms = makeRealms(records, changes, connections, fences);
  const later = makeLater(changes);
  const census = makeCensus(records, changes, later);
  const store = makeStore(spec.store, records, changes);
  const dom = makeDom(spec, records, changes, store, nativeFrame);
  const proof = makeProof(records, changes, realms, census, dom, store);

  tapWebSocket(records, connections);
  tapXhr(records, polling, fences.afterPost);
  tapFetch(records, polling, fences.afterPost);
  tapRequests(records, later);
  tapWorkers(records, realms);

  addEventListener("error", (event) => {
    if (event.message) records.add("error", { text: `${event.message} (${publicUrl(event.filename || location.href)}:${event.lineno})` });
  });
  addEventListener("unhandledrejection", (event) => {
    records.safely(() => records.add("error", { text: `unhandled rejection: ${event.reason?.stack ?? event.reason}` }));
  });

  const look = () => {
    records.safely(() => dom.flush());
    store.check();
  };
  const view = () => ({ load: records.load, origin: performance.timeOrigin, now: now(), ...dom.view(), state: store.view() });
  /** Which taps noticed what they have to; a fence that is back came through the tap of the connection. */
  const canary = ({ back, why, unsent }) => ({
    wire: back || unsent || (why === "no connection" && realms.attempts() > 0 && realms.unread().length === 0),
    dom: dom.canary(),
    store: store.isAttached(),
    unseen: [...new Set(realms.unseen())],
  });
  const api = {
    join: realms.join, // for the page's own frames
    now: () => String(now()),
    origin: () => toJson({ load: records.load, origin: performance.timeOrigin }),
    drain: () => (look(), records.drain()),
    view: () => (look(), toJson(view())),
    canary: async (timeoutMs) => {
      const deadline = now() + timeoutMs;
      await realms.settled(deadline);
      return toJson(canary(await realms.fence(deadline)));
    },
    // Until what the page has sent is read by the server: it may still connect, or be about to send.
    sent: async (timeoutMs) => {
      const deadline = now() + timeoutMs;
      await proof.still(now() + timeoutMs / 2);
      if (realms.attempts() > 0) await realms.settled(deadline);
      return toJson(await realms.fence(deadline));
    },
    fence: async (timeoutMs) => toJson({ ...(await realms.fence(now() + timeoutMs)), at: now() }),
    still: async (timeoutMs) => toJson({ ...(await proof.still(now() + timeoutMs)), at: now() }),
    // Until the page has done what it has set itself for so long.
    later: async (ms) => (await later.pass(ms), "true"),
    // Begun on every page before the first is asked for its result, so that pages are proven side by side.
    begin: (timeoutMs) => {
      api.running = proof.prove(timeoutMs);
      return "true";
    },
    prove: async (timeoutMs) => {
      const running = api.running ?? proof.prove(timeoutMs);
      api.running = null;
      const { fence, still } = await running;
      look();
      return `[${toJson({ fence, still, at: now() })},${records.drain()},${toJson({ view: view(), canary: canary(fence), later: later.view() })}]`;
    },
  };
  Object.defineProperty(window, handle, { value: api, enumerable: false, configurable: false, writable: false });
};

// Frames are not dashboards, and about:blank is not a load.
const hasAddress = /^https?:$/.test(location.protocol);
if (window === window.top && hasAddress) start();
else if (window !== window.top && (hasAddress || location.href === "about:srcdoc")) joinFromFrame(config.handle);
