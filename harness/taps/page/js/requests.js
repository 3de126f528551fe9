// The page's own HTTP requests that are on their way: what they bring, the page may draw. Engine.IO's are not among them.

const tapRequests = (records, later) => {
  const { safely } = records;
  const asked = new WeakMap(); // response → the address

  /** The same promise to the page, whose end is the end of the work. */
  function during(promise, url) {
    const end = safely(() => later.begin(named(url)));
    if (end === undefined) return promise;
    return promise.then(
      (value) => (safely(() => (value instanceof Response && asked.set(value, url), end())), value),
      (error) => {
        safely(end);
        throw error;
      },
    );
  }

  replaceGlobal("fetch", {
    apply(target, self, args) {
      const answer = Reflect.apply(target, self, args);
      const url = args[0] instanceof Request ? args[0].url : String(args[0]);
      return isEngineUrl(url) ? answer : during(answer, url);
    },
  });
  for (const name of ["json", "text", "blob", "arrayBuffer", "bytes", "formData"]) {
    if (typeof Response.prototype[name] !== "function") continue;
    replace(Response.prototype, name, {
      apply(target, response, args) {
        const read = Reflect.apply(target, response, args);
        return asked.has(response) ? during(read, asked.get(response)) : read;
      },
    });
  }

  const prototype = XMLHttpRequest.prototype;
  const sent = new WeakMap(); // XMLHttpRequest → {url, end}
  replace(prototype, "open", {
    apply(target, xhr, args) {
      const result = Reflect.apply(target, xhr, args);
      safely(() => {
        const url = isEngineUrl(args[1]) ? null : String(args[1]);
        // Here and not at `send`: before the listeners that most pages add in between, which draw.
        if (url !== null && !sent.has(xhr)) xhr.addEventListener("readystatechange", () => xhr.readyState === 4 && safely(sent.get(xhr).end));
        sent.set(xhr, { url, end: () => undefined });
      });
      return result;
    },
  });
  replace(prototype, "send", {
    apply(target, xhr, args) {
      const result = Reflect.apply(target, xhr, args); // first, for what throws was not sent
      safely(() => {
        const request = sent.get(xhr);
        if (request && request.url !== null && xhr.readyState !== 4) request.end = later.begin(named(request.url));
      });
      return result;
    },
  });

  /** Requests of one kind: those to one path, whatever the numbers in it. */
  const named = (url) => `request ${new URL(url, location.href).pathname.replace(/\d+/g, "#")}`;
};
