// Proof of absence: a fence through each open connection, then rounds of frames and tasks until the page is still.

const CALM_ROUNDS = 3;
const BUSY_CALM_ROUNDS = 10; // where the repeating callbacks also post tasks, as a framework's scheduler does

const makeProof = (records, changes, connections, polling, census, dom, store) => {
  let number = 0;

  /** A promise that resolves to `undefined` at the deadline, and the means to call it off. */
  function until(deadline) {
    let id;
    const over = new Promise((resolve) => (id = nativeTimeout(resolve, Math.max(0, deadline - now()))));
    return { over, cancel: () => nativeClear(id) };
  }

  /** Sends one fence and waits for its answer. Returns why it isn't back, `{unsent: why}` or null when it is. */
  async function pass(connection, over) {
    while (connection.isUpgrading || (connection.transport === "polling" && connection.posts > 0)) {
      if ((await Promise.race([connections.change().then(() => true), over])) === undefined) return "the connection was busy";
      if (!connections.all.has(connection)) return "the connection closed";
    }
    if (connection.letsIn) return { unsent: "the server lets every namespace in, and would run the application's handlers" };
    const space = `${FENCE}${++number}__`;
    const packet = inItsParser(connection, SOCKET.CONNECT, space);
    if (packet === null) return { unsent: "its parser is not known" };
    let arrived;
    const back = new Promise((resolve) => (arrived = resolve));
    connections.answers.set(space, ({ type }) => {
      connections.answers.delete(space);
      if (type === SOCKET.CONNECT) {
        connection.letsIn = true;
        send(connection, inItsParser(connection, SOCKET.DISCONNECT, space));
      }
      arrived(null);
    });
    try {
      send(connection, packet);
      return await Promise.race([back, closing(connection, back), over.then(() => "no answer in time")]);
    } finally {
      connections.answers.delete(space);
    }
  }

  async function closing(connection, back) {
    while (connections.all.has(connection)) {
      if ((await Promise.race([connections.change(), back])) === null) return null;
    }
    return "the connection closed";
  }

  function send(connection, packet) {
    if (connection.transport === "websocket") return nativeSend.call(connection.socket, packet);
    connection.posting = polling.post(connection, packet).catch(() => false).then((isTaken) => {
      connection.posting = null;
      if (!isTaken) connections.close(connection, "the fence was not taken");
    });
    return undefined;
  }

  /** Until a connection is open, or an attempt at one has failed: a page that still loads its script has neither. */
  async function settled(deadline) {
    const timer = until(deadline);
    const isPending = () => connections.attempts() === 0 || connections.all.size > 0;
    const isOpen = () => [...connections.all].some((connection) => connection.isOpen);
    try {
      while (!isOpen() && isPending()) {
        if ((await Promise.race([connections.change().then(() => true), timer.over])) === undefined) return;
      }
    } finally {
      timer.cancel();
    }
  }

  async function fence(deadline) {
    const start = now();
    const open = [...connections.all].filter((connection) => connection.isOpen);
    if (open.length === 0) return { back: false, channel: null, waited_ms: 0, why: "no connection", unsent: false, letIn: false };
    const timer = until(deadline);
    try {
      const failures = await Promise.all(open.map((connection) => pass(connection, timer.over)));
      const why = failures.find((failure) => typeof failure === "string") ?? null;
      const unsent = failures.find((failure) => failure?.unsent)?.unsent ?? null;
      const channel = [...new Set(open.map(({ transport }) => transport))].sort().join("+");
      const letIn = open.some((connection) => connection.letsIn);
      return { back: why === null && unsent === null, channel, waited_ms: now() - start, why: why ?? unsent, unsent: why === null && unsent !== null, letIn };
    } finally {
      timer.cancel();
    }
  }

  const frame = (over) => Promise.race([new Promise((resolve) => nativeFrame(() => resolve(true))), over]);

  function turn() {
    const { port1, port2 } = new NativeChannel();
    return new Promise((resolve) => {
      port1.onmessage = () => resolve(port1.close());
      nativePost.call(port2, null);
    });
  }

  function look() {
    records.safely(() => dom.flush());
    store.check();
    return { ...changes };
  }

  async function still(deadline) {
    const start = now();
    const timer = until(deadline);
    const said = (isStill, why) => ({ still: isStill, waited_ms: now() - start, why });
    let calm = 0;
    let why = `no animation frame came (page ${document.visibilityState})`;
    try {
      for (;;) {
        const before = look();
        if (!(await frame(timer.over))) return said(false, why);
        await turn();
        if (!(await frame(timer.over))) return said(false, why);
        const after = look();
        const { once, repeating, what } = census.count();
        const hasPosted = before.posts !== after.posts;
        const hasMoved = before.hard !== after.hard || before.frames !== after.frames;
        if (!hasMoved && !hasPosted && before.soft === after.soft && once + repeating === 0) return said(true, null);
        calm = hasMoved || once > 0 ? 0 : calm + 1;
        const isTicking = repeating > 0 || before.soft !== after.soft;
        if (isTicking && calm >= (hasPosted ? BUSY_CALM_ROUNDS : CALM_ROUNDS)) return said(true, "only repeating callbacks remain");
        why = busy(hasMoved, hasPosted, what);
      }
    } finally {
      timer.cancel();
    }
  }

  function busy(hasMoved, hasPosted, what) {
    const reasons = [...what].map((kind) => `a pending ${kind}`);
    if (hasMoved) reasons.unshift("the page still changes");
    if (hasPosted) reasons.push("posted tasks");
    return reasons.join(", ") || "the panels still change";
  }

  async function prove(timeoutMs) {
    const deadline = now() + timeoutMs;
    const passed = await fence(deadline);
    const hasTime = now() < deadline;
    const rest = hasTime ? await still(deadline) : { still: false, waited_ms: 0, why: "the fence took all the time" };
    return { fence: passed, still: rest };
  }

  /** A post of the page's waits for ours: servers refuse two at a time. */
  function afterPost(exchange, send) {
    const posting = exchange?.isPost ? exchange.connection.posting : null;
    return posting ? posting.then(send) : send();
  }

  return { afterPost, fence, prove, settled, still };
};

const NativeChannel = MessageChannel;
const nativePost = MessagePort.prototype.postMessage;
