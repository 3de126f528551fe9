// The page's Socket.IO connections: what comes in, what goes out, whether they are open. The transports feed it.

const BACK_MS = 3000; // twice what Socket.IO's client waits at most before its first attempt at another connection

const makeConnections = (records, changes, listeners) => {
  const all = new Set(); // connections that are open, or about to be
  const bySid = new Map(); // Engine.IO id → connection, for polling and upgrades
  const answers = new Map(); // fence namespace → what to do when its answer is here
  const logged = new Set(); // address and namespace of those whose server keeps what it sends, to send it again
  const unread = new Set(); // protocols of connections that came about and that are not read here
  let count = 0;
  let watchers = [];
  let lostAt = null; // when the last connection ended that neither side had taken leave of: its client comes back

  function open(transport, url) {
    const connection = {
      c: ++count, transport, url, sid: null, socket: null, posts: 0, spaces: new Map(), parser: null, headers: {},
      protocol: protocolOf(url), hadSpace: false, isOpen: false, isUpgrading: false, isLeft: false, // left: by the page itself
      letsIn: false, // the server accepted a fence: it lets every namespace in
    };
    connection.incoming = makeAssembler((packet) => took(connection, packet));
    connection.outgoing = makeAssembler((packet) => gave(connection, packet));
    all.add(connection);
    records.add("socket", { c: connection.c, transport, url: publicUrl(url) });
    return connection;
  }

  function close(connection, reason, code = null, isForeign = false) {
    if (!all.delete(connection)) return;
    bySid.delete(connection.sid);
    const { c, transport, isOpen, isLeft, spaces } = connection;
    connection.isOpen = false;
    lostAt = isOpen && spaces.size > 0 ? { at: now(), attempts: count } : lostAt;
    // an HTTP error before any namespace let the page in: the one who answers does not know the connection
    const wasKnown = isOpen && (code === null || code < 400 || connection.hadSpace);
    if (!wasKnown && !isLeft) {
      const text = `${transport} connection to ${publicUrl(connection.url)}: ${reason}`;
      records.add("refused", { c, text, status: transport === "polling" ? code : null, isForeign });
    }
    for (const sid of spaces.values()) records.add("closed", { c, sid, transport, code, reason });
    changed();
  }

  /** The server has let in a client of another protocol: from here on what it is told is not known. */
  function lose(connection) {
    unread.add(`a connection by protocol ${connection.protocol} of Engine.IO (socket.io 3 and later speak ${PROTOCOL})`);
    connection.isLeft = true;
    close(connection, "not read");
    return false;
  }

  /** One packet from the server; true when it is ours and the page must not see it. */
  function receive(connection, text) {
    if (connection.protocol !== PROTOCOL) return lose(connection);
    switch (text[0]) {
      case ENGINE.OPEN:
        connection.sid = fromJson(text.slice(1)).sid;
        connection.isOpen = true;
        bySid.set(connection.sid, connection);
        changed();
        return false;
      case ENGINE.CLOSE:
        close(connection, "closed by the server");
        return false;
      case ENGINE.MESSAGE: {
        sawText(connection, text);
        if (connection.parser !== PARSER.TEXT) return false;
        const packet = parsePacket(text);
        if (isFence(packet)) return true;
        connection.incoming.packet(packet);
        return false;
      }
      case ENGINE.BINARY:
        return receiveBinary(connection, fromBase64(text.slice(1)));
      default:
        return false;
    }
  }

  /** One binary message from the server: a whole packet, or what belongs to the packet before it. */
  function receiveBinary(connection, data) {
    if (connection.protocol !== PROTOCOL) return lose(connection);
    const packet = wholeBinary(connection, data);
    if (packet === null) connection.incoming.binary(described(data));
    else if (isFence(packet)) return true;
    else took(connection, packet);
    return false;
  }

  function isFence(packet) {
    if (!packet.ns.startsWith(FENCE)) return false;
    answers.get(packet.ns)?.(packet);
    return true;
  }

  function took(connection, { type, ns, id, body, bytes }) {
    const { c, transport } = connection;
    if (type === SOCKET.EVENT || type === SOCKET.BINARY_EVENT) {
      if (connection.isLeft) return; // an answer to its last poll: the client that has closed reads none
      changes.frames++;
      listeners.heard(connection, ns, body);
      const text = logged.has(`${publicUrl(connection.url)} ${ns}`) ? withoutOffset(body, id) : body;
      records.add("event", { c, ns, id, transport, text, bytes });
    } else if (type === SOCKET.ACK || type === SOCKET.BINARY_ACK) {
      if (!changes.ticks.delete(`${c} ${ns} ${id}`)) changes.frames++;
      records.add("answer", { c, ns, id, text: body, bytes });
    } else if (type === SOCKET.CONNECT) {
      const { sid = null, pid } = body ? fromJson(body) : {};
      if (typeof pid === "string") logged.add(`${publicUrl(connection.url)} ${ns}`);
      connection.spaces.set(ns, sid);
      connection.hadSpace = true;
      lostAt = null;
      changed();
      records.add("open", { c, ns, sid, transport });
    } else if (type === SOCKET.CONNECT_ERROR) {
      records.add("connect_error", { c, ns, text: body });
    } else if (type === SOCKET.DISCONNECT) {
      leave(connection, ns, "io server disconnect");
    }
  }

  /** One packet of the page's to the server. Never the body of a CONNECT: it holds the page's credentials. */
  function send(connection, text) {
    if (connection.protocol !== PROTOCOL) return;
    if (text[0] === ENGINE.MESSAGE) {
      sawText(connection, text);
      if (connection.parser === PARSER.TEXT) connection.outgoing.packet(parsePacket(text));
    } else if (text[0] === ENGINE.BINARY) {
      sendBinary(connection, fromBase64(text.slice(1)));
    } else if (text[0] === ENGINE.CLOSE) {
      close(connection, "closed by the page");
      connection.isLeft = true;
    }
  }

  function sendBinary(connection, data) {
    if (connection.protocol !== PROTOCOL) return;
    const packet = wholeBinary(connection, data);
    if (packet === null) connection.outgoing.binary(described(data));
    else gave(connection, packet);
  }

  function gave(connection, { type, ns, id, body, bytes }) {
    if (type === SOCKET.EVENT || type === SOCKET.BINARY_EVENT) {
      if (changes.isTick) changes.ticks.add(`${connection.c} ${ns} ${id}`);
      records.add("request", { c: connection.c, ns, id, text: body, bytes });
    } else if (type === SOCKET.DISCONNECT) leave(connection, ns, "io client disconnect");
  }

  function leave(connection, ns, reason) {
    if (!connection.spaces.has(ns)) return;
    const { c, transport, spaces } = connection;
    records.add("closed", { c, sid: spaces.get(ns), transport, code: null, reason });
    spaces.delete(ns);
  }

  function changed() {
    const woken = watchers;
    watchers = [];
    for (const wake of woken) wake();
  }

  /** Until when a client is waited for that lost its connection: for its first attempt at another one. */
  function backBy() {
    if (lostAt === null || (count > lostAt.attempts && all.size === 0)) return null;
    return lostAt.at + BACK_MS;
  }

  /** Resolves at the next change of any connection: opened, closed, upgraded, a request answered. */
  const change = () => new Promise((wake) => watchers.push(wake));

  return { all, attempts: () => count, backBy, answers, bySid, change, changed, close, open, receive, receiveBinary, send, sendBinary, unread };
};
