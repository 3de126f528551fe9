// The tap in a dedicated worker, before the worker's own script: it joins the page that started the worker.
// `config` ({handle, url}) is put in front by the page; messages with the handle are the tap's, and the worker's code
// gets none of them.

const startInWorker = () => {
  const { handle, url } = config;
  const post = globalThis.postMessage.bind(globalThis);
  const tell = (kind, value) => post({ [handle]: [kind, value] });
  standAt(url);
  tell("hello", performance.timeOrigin);

  const side = makeSide((fields) => tell("record", fields));
  for (const name of ["Worker", "SharedWorker"]) {
    replaceGlobal(name, {
      construct(target, args, asked) {
        tell("hides", `a ${name} of a worker`);
        return Reflect.construct(target, args, asked);
      },
    });
  }
  globalThis.addEventListener("message", (event) => {
    const asked = event.data?.[handle];
    if (asked === undefined) return;
    event.stopImmediatePropagation();
    const [number, what, ms] = asked;
    side.answer(what, ms).then((answer) => tell("answer", [number, answer]), () => tell("answer", [number, undefined]));
  });
  void side.follow((state) => tell("state", state));
};

/** The worker's script is where it would be without the tap: `location`, and addresses that are relative to it. */
const standAt = (url) => {
  const place = new URL(url);
  const parts = Object.create(WorkerLocation.prototype);
  for (const name of ["href", "origin", "protocol", "host", "hostname", "port", "pathname", "search", "hash"]) {
    Object.defineProperty(parts, name, { value: place[name], enumerable: true });
  }
  Object.defineProperty(parts, "toString", { value: () => place.href });
  const own = Object.getOwnPropertyDescriptor(WorkerGlobalScope.prototype, "location");
  Object.defineProperty(WorkerGlobalScope.prototype, "location", { ...own, get: standIn(own.get, { apply: () => parts }) });
  if (place.protocol === "blob:") return; // nothing is relative to it

  const whole = (address) => (address instanceof Request ? address : new URL(address, place).href);
  const called = (owner, name, at) =>
    owner && replace(owner, name, { apply: (target, self, args) => Reflect.apply(target, self, args.map((arg, i) => (at(i) ? whole(arg) : arg))) });
  const made = (name) =>
    replaceGlobal(name, { construct: (target, [address, ...more], asked) => Reflect.construct(target, [whole(address), ...more], asked) });
  called(WorkerGlobalScope.prototype, "importScripts", () => true);
  called(WorkerGlobalScope.prototype, "fetch", (i) => i === 0);
  called(XMLHttpRequest.prototype, "open", (i) => i === 1);
  for (const name of ["Request", "EventSource", "Worker"]) made(name);
};

startInWorker();
