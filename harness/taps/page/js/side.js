// What passes the connections of a realm other than the page's own: of a frame, or of a worker.

const SIDE_FAULTS = 20;

/** What a realm other than the page's own has to tell of itself, and what it is asked. `took` gets its records. */
const makeSide = (took) => {
  let faults = 0;
  const add = (kind, fields) => {
    fields.k = kind;
    fields.t = now();
    took(fields);
  };
  const safely = (work) => {
    try {
      return work();
    } catch (error) {
      if (++faults <= SIDE_FAULTS) add("fault", { text: String(error?.stack ?? error).slice(0, 500) });
      return undefined;
    }
  };
  const records = { add, safely };
  const changes = { hard: 0, soft: 0, posts: 0, frames: 0, isTick: false, ticks: new Set() };
  const connections = makeConnections(records, changes, makeListeners(records));
  const polling = makePolling(records, connections);
  const fences = makeFences(connections, polling);
  const census = makeCensus(records, changes);
  tapWebSocket(records, connections);
  tapXhr(records, polling, fences.afterPost);
  tapFetch(records, polling, fences.afterPost);
  const all = () => [...connections.all];
  const state = () => ({ attempts: connections.attempts(), isTrying: all().length > 0, isOpen: all().some(({ isOpen }) => isOpen), unread: [...connections.unread] });

  return {
    records,
    answer: async (what, ms) => (what === "fence" ? fences.pass(now() + ms) : census.count(["timer"])),
    /** Calls `told` with the state of its connections, now and whenever it changes. */
    async follow(told) {
      for (;;) {
        told(state());
        await connections.change();
      }
    },
  };
};
