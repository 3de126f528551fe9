// The websocket transport. Proxies rather than subclasses: constructor, prototype and statics stay the native ones.

const nativeSend = WebSocket.prototype.send;

const tapWebSocket = (records, connections) => {
  const { safely } = records;
  const Native = WebSocket;
  const known = new WeakMap(); // socket → its connection

  function watch(socket) {
    if (!isEngineUrl(socket.url)) return records.add("foreign", { url: publicUrl(socket.url) });
    const upgraded = connections.bySid.get(new URL(socket.url).searchParams.get("sid"));
    const connection = upgraded ?? connections.open("websocket", socket.url);
    if (upgraded) connection.isUpgrading = true;
    else connection.socket = socket;
    known.set(socket, connection);
    // Registered before the page can have a listener, so that what is hidden here stays hidden.
    socket.addEventListener("message", (event) => {
      if (safely(() => receive(connection, event.data))) event.stopImmediatePropagation();
    });
    socket.addEventListener("close", (event) => safely(() => closed(connection, socket, event)));
  }

  function receive(connection, data) {
    if (typeof data === "string") return connections.receive(connection, data);
    return connections.receiveBinary(connection, data);
  }

  function closed(connection, socket, { code, reason }) {
    if (connection.socket === socket) {
      const broke = connection.isOpen ? "the connection broke (1006)" : "refused, or broken before it was open (1006)";
      connections.close(connection, reason || (code === 1006 ? broke : `closed (${code})`), code);
    } else {
      connection.isUpgrading = false; // the probe failed, and polling goes on
      connections.changed();
    }
  }

  // What comes in from now on is dropped. A socket that failed by itself is closed already: its client tidies up.
  function leave(socket) {
    const connection = known.get(socket);
    if (connection?.socket !== socket || socket.readyState > Native.OPEN) return;
    connection.isLeft = true;
    connections.close(connection, "closed by the page");
  }

  function sent(socket, data) {
    const connection = known.get(socket);
    if (connection === undefined) return;
    if (typeof data !== "string") return connections.sendBinary(connection, data);
    if (data === ENGINE.UPGRADE) {
      Object.assign(connection, { socket, transport: "websocket", isUpgrading: false });
      records.add("upgraded", { c: connection.c });
      connections.changed();
    } else {
      connections.send(connection, data);
    }
  }

  const Tapped = replaceGlobal("WebSocket", {
    construct(target, args, asked) {
      const socket = Reflect.construct(target, args, asked === Tapped ? target : asked);
      safely(() => watch(socket));
      return socket;
    },
  });
  const own = Object.getOwnPropertyDescriptor(Native.prototype, "constructor");
  Object.defineProperty(Native.prototype, "constructor", { ...own, value: Tapped });
  replace(Native.prototype, "send", {
    apply(target, socket, args) {
      const result = Reflect.apply(target, socket, args); // first, for what throws was not sent
      safely(() => sent(socket, args[0]));
      return result;
    },
  });
  replace(Native.prototype, "close", {
    apply(target, socket, args) {
      safely(() => leave(socket));
      return Reflect.apply(target, socket, args);
    },
  });
};
