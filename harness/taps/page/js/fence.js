// The fence: a packet after everything that the server has queued for a connection, and its answer.

const makeFences = (connections, polling) => {
  let number = 0;

  /** Sends one fence and waits for its answer. Returns why it isn't back, `{unsent: why}` or null when it is. */
  async function passOne(connection, over) {
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

  /** Until a client is back that lost its connection, or its attempt at another one has failed. */
  async function returned(deadline) {
    const by = connections.backBy();
    if (by === null) return;
    const timer = until(Math.min(by, deadline));
    try {
      while (connections.backBy() !== null) {
        if ((await Promise.race([connections.change().then(() => true), timer.over])) === undefined) return;
      }
      await until(0).over; // what the page asks for when it is back is sent before the fence
    } finally {
      timer.cancel();
    }
  }

  /** A fence through each connection that is open: their transports, and why one is not back or was not sent. */
  async function pass(deadline) {
    await returned(deadline);
    const open = [...connections.all].filter((connection) => connection.isOpen);
    const timer = until(deadline);
    try {
      const failures = await Promise.all(open.map((connection) => passOne(connection, timer.over)));
      return {
        transports: open.map(({ transport }) => transport),
        why: failures.find((failure) => typeof failure === "string") ?? null,
        unsent: failures.find((failure) => failure?.unsent)?.unsent ?? null,
        letIn: open.some((connection) => connection.letsIn),
      };
    } finally {
      timer.cancel();
    }
  }

  /** A post of the page's waits for ours: servers refuse two at a time. */
  function afterPost(exchange, send) {
    const posting = exchange?.isPost ? exchange.connection.posting : null;
    return posting ? posting.then(send) : send();
  }

  return { afterPost, pass };
};
