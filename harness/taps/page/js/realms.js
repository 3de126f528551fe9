// Connections that are the page's and live elsewhere: in its dedicated workers and in its frames of the same origin.
//
// Each such realm records for itself what passes its connections, and joins the page: its records go into the page's
// record as they come, which is before whatever its own code then tells the page.

const NUMBERS = 1000; // of connections and sockets that a realm may have

const makeRealms = (records, changes, connections, fences) => {
  const others = new Set();
  const unseen = []; // where a connection of the page's may be that is not observed
  let count = 0;

  /** A realm joins. `origin` is its time origin; `ask(what, ms)` promises an answer: its "fence", its "work". */
  function join(origin, ask) {
    const later = origin - performance.timeOrigin;
    const first = ++count * NUMBERS;
    const sids = new Map(); // of its connections: "c ns" → what to say of its end
    let leave;
    const gone = new Promise((resolve) => (leave = resolve));
    const realm = { state: { attempts: 0, isTrying: false, isOpen: false, unread: [] }, ask: (what, ms) => Promise.race([ask(what, ms), gone]) };
    others.add(realm);

    function took(fields) {
      if (fields.c !== undefined) fields.c += first;
      if (fields.s !== undefined) fields.s += first;
      if (fields.k === "event" || fields.k === "answer") changes.frames++;
      if (fields.k === "open") sids.set(`${fields.c} ${fields.ns}`, fields);
      if (fields.k === "closed") for (const [key, { sid }] of sids) if (sid === fields.sid) sids.delete(key);
      records.add(fields.k, fields, Math.min(fields.t + later, now()));
    }

    return {
      took,
      stands(state) {
        realm.state = state;
        connections.changed();
      },
      /** It was ended, and its connections with it. */
      left(reason) {
        if (!others.delete(realm)) return;
        for (const { c, sid, transport } of sids.values()) records.add("closed", { c, sid, transport, code: null, reason });
        leave(undefined);
        connections.changed();
      },
    };
  }

  const isOpen = (each) => each.isOpen;
  const states = () => [...others].map(({ state }) => state);
  const own = () => ({ attempts: connections.attempts(), isTrying: connections.all.size > 0, isOpen: [...connections.all].some(isOpen) });
  const unread = () => [connections, ...states()].flatMap((each) => [...each.unread]);
  const attempts = () => [own(), ...states()].reduce((sum, state) => sum + state.attempts, 0);

  /** Until a connection is open, or an attempt at one has failed: a page that still loads its script has neither. */
  async function settled(deadline) {
    const timer = until(deadline);
    const isPending = () => attempts() === 0 || [own(), ...states()].some(({ isTrying }) => isTrying);
    try {
      while (![own(), ...states()].some(isOpen) && isPending()) {
        if ((await Promise.race([connections.change().then(() => true), timer.over])) === undefined) return;
      }
    } finally {
      timer.cancel();
    }
  }

  /** What a realm answers; undefined where it has gone, or where it is late. */
  const asked = (realm, what, over, ms) => Promise.race([realm.ask(what, ms), over]);

  /** A fence through every open connection of the page's, wherever it lives. */
  async function fence(deadline) {
    const start = now();
    const timer = until(deadline);
    const late = { transports: [], why: "no answer in time", unsent: null, letIn: false };
    const open = [...others].filter(({ state }) => state.isOpen);
    try {
      const theirs = open.map((realm) => asked(realm, "fence", timer.over, deadline - now()).then((found) => found ?? (others.has(realm) ? late : null)));
      const found = (await Promise.all([fences.pass(deadline), ...theirs])).filter((each) => each !== null);
      const transports = [...new Set(found.flatMap((each) => each.transports))].sort();
      const why = found.map((each) => each.why).find((each) => each !== null) ?? null;
      if (transports.length === 0 && why === null) return { back: false, channel: null, at: start, waited_ms: 0, why: "no connection", unsent: false, letIn: false };
      const unsent = found.map((each) => each.unsent).find((each) => each !== null) ?? null;
      const letIn = found.some((each) => each.letIn);
      return { back: why === null && unsent === null, channel: transports.join("+"), at: start, waited_ms: now() - start, why: why ?? unsent, unsent: why === null && unsent !== null, letIn };
    } finally {
      timer.cancel();
    }
  }

  /** The page's census with that of its other realms: one that computes answers once it has told the page the result. */
  async function work(found, over) {
    for (const theirs of await Promise.all([...others].map((realm) => asked(realm, "work", over, 0)))) {
      if (theirs === undefined) continue;
      found.once += theirs.once;
      found.repeating += theirs.repeating;
      for (const each of theirs.what) found.what.add(each);
    }
    return found;
  }

  return {
    attempts, fence, join, settled, unread, work,
    /** A place that is not observed. */
    hides: (what) => unseen.push(what),
    unseen: () => [...unread(), ...unseen, ...framesOfOthers()],
  };
};

/** Frames of another origin: they may not be looked into. */
const framesOfOthers = () => {
  const found = [];
  for (let i = 0; i < window.length; i++) {
    try {
      void window[i].document;
    } catch {
      found.push("a frame of another origin");
    }
  }
  return found;
};
