// The polling transport, by XMLHttpRequest or fetch. Our own packets are taken out of what the page reads.

const nativeFetch = globalThis.fetch.bind(globalThis);

const makePolling = (records, connections) => {
  const { safely } = records;

  const sidOf = (url) => new URL(url, location.href).searchParams.get("sid");

  /** A request of the page's begins. Returns the exchange, to be finished once. */
  function begin(method, url, body) {
    const sid = sidOf(url);
    const connection = sid === null ? connections.open("polling", url) : connections.bySid.get(sid);
    if (connection === undefined) return null;
    connection.url = new URL(url, location.href).href;
    const isPost = method.toUpperCase() === "POST";
    if (isPost) {
      connection.posts++;
      if (typeof body === "string") for (const packet of parsePayload(body)) connections.send(connection, packet);
    }
    return { connection, isPost, isDone: false };
  }

  /** The request was answered. Returns the text that the page may read. */
  function finish(exchange, status, text) {
    if (exchange.isDone) return exchange.text;
    exchange.isDone = true;
    exchange.text = text;
    const { connection, isPost } = exchange;
    if (isPost) connection.posts--;
    if (status !== 200 && connection.transport === "polling") {
      const said = status === 0 ? "request failed" : `HTTP ${status} ${text.slice(0, 200)}`;
      connections.close(connection, said, status || null);
    } else if (status === 200 && !isPost) {
      exchange.text = receive(connection, text);
      if (connection.sid === null && connection.protocol === PROTOCOL) // a page for every path, as of a development server
        connections.close(connection, `HTTP 200, and the answer is no Engine.IO: ${text.slice(0, 80)}`, null, true);
    }
    connections.changed();
    return exchange.text;
  }

  function receive(connection, text) {
    if (connection.protocol !== PROTOCOL) return connections.receive(connection, text), text;
    const packets = parsePayload(text);
    const shown = packets.filter((packet) => !safely(() => connections.receive(connection, packet)));
    if (shown.length === packets.length) return text;
    return shown.length === 0 ? ENGINE.NOOP : shown.join(SEPARATOR);
  }

  /** Posts one packet beside the page's own requests. A server takes one post at a time: wait for the page's. */
  async function post(connection, packet) {
    const { status } = await nativeFetch(connection.url, {
      method: "POST",
      body: packet,
      headers: { ...connection.headers, "Content-Type": "text/plain;charset=UTF-8" },
      credentials: connection.credentials ?? "same-origin",
    });
    return status === 200;
  }

  return { begin, finish, post };
};

/** What the page sends with its requests, so that ours pass the same checks. Kept in the page alone. */
const asked = (connection, headers, credentials) => {
  connection.credentials = credentials ?? "same-origin";
  for (const [name, value] of new Headers(headers ?? {})) if (name !== "content-type") connection.headers[name] = value;
};

const tapXhr = (records, polling, afterPost) => {
  const { safely } = records;
  const requests = new WeakMap(); // request → {method, url, exchange}
  const prototype = XMLHttpRequest.prototype;
  const nativeText = Object.getOwnPropertyDescriptor(prototype, "responseText").get;

  function finished(xhr) {
    const exchange = requests.get(xhr)?.exchange;
    if (!exchange || xhr.readyState !== 4) return undefined;
    const isText = xhr.responseType === "" || xhr.responseType === "text";
    return polling.finish(exchange, xhr.status, isText ? nativeText.call(xhr) : "");
  }

  replace(prototype, "open", {
    apply(target, xhr, args) {
      const result = Reflect.apply(target, xhr, args);
      safely(() => {
        requests.delete(xhr);
        if (!isEngineUrl(args[1])) return;
        requests.set(xhr, { method: String(args[0]), url: String(args[1]), headers: {}, exchange: null });
        xhr.addEventListener("readystatechange", () => safely(() => finished(xhr)));
      });
      return result;
    },
  });
  replace(prototype, "setRequestHeader", {
    apply(target, xhr, args) {
      const result = Reflect.apply(target, xhr, args); // first, for what throws was not set
      safely(() => requests.has(xhr) && (requests.get(xhr).headers[String(args[0])] = String(args[1])));
      return result;
    },
  });
  replace(prototype, "send", {
    apply(target, xhr, args) {
      const request = requests.get(xhr);
      if (request === undefined) return Reflect.apply(target, xhr, args);
      safely(() => (request.exchange = polling.begin(request.method, request.url, args[0])));
      const { exchange } = request;
      if (exchange) asked(exchange.connection, request.headers, xhr.withCredentials ? "include" : "same-origin");
      return void afterPost(exchange, () => Reflect.apply(target, xhr, args));
    },
  });
  replace(prototype, "abort", {
    apply(target, xhr, args) {
      safely(() => requests.get(xhr)?.exchange && (requests.get(xhr).exchange.connection.isLeft = true));
      return Reflect.apply(target, xhr, args);
    },
  });
  for (const name of ["responseText", "response"]) {
    const descriptor = Object.getOwnPropertyDescriptor(prototype, name);
    const get = standIn(descriptor.get, {
      apply(target, xhr, args) {
        const native = Reflect.apply(target, xhr, args);
        if (typeof native !== "string" || !requests.has(xhr)) return native;
        return safely(() => finished(xhr)) ?? native;
      },
    });
    Object.defineProperty(prototype, name, { ...descriptor, get });
  }
};

const tapFetch = (records, polling, afterPost) => {
  const { safely } = records;

  async function exchanged(exchange, answer) {
    let response;
    try {
      response = await answer;
    } catch (error) {
      safely(() => polling.finish(exchange, 0, ""));
      throw error;
    }
    const text = await response.clone().text().catch(() => "");
    const shown = safely(() => polling.finish(exchange, response.status, text)) ?? text;
    if (shown === text) return response;
    const { status, statusText, headers, url } = response;
    const rewritten = new Response(shown, { status, statusText, headers });
    return Object.defineProperty(rewritten, "url", { value: url });
  }

  replaceGlobal("fetch", {
    apply(target, self, args) {
      const [input, init] = args;
      const url = input instanceof Request ? input.url : String(input);
      if (!isEngineUrl(url)) return Reflect.apply(target, self, args);
      const method = init?.method ?? (input instanceof Request ? input.method : "GET");
      const exchange = safely(() => polling.begin(method, url, init?.body));
      const request = input instanceof Request ? input : {};
      if (exchange) safely(() => asked(exchange.connection, init?.headers ?? request.headers, init?.credentials ?? request.credentials));
      const answer = afterPost(exchange, () => Reflect.apply(target, self, args));
      return exchange ? exchanged(exchange, Promise.resolve(answer)) : answer;
    },
  });
};
