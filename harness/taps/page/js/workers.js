// Dedicated workers of the page: the tap is put in front of their script. Others, and those where that can't be done,
// are started as ever, and the page says that they are not observed.
//
// A worker is started with a script of ours that loads the tap and then the worker's own. Where the page's policy refuses that
// (a Content-Security-Policy without `blob:`), the worker is started as ever after the one that the page got.

const tapWorkers = (records, realms) => {
  const { handle } = config;
  const { safely } = records;
  const blobs = new Map(); // address → what the page put there
  const started = new WeakMap(); // worker → what is known of it
  let questions = 0;
  const nativeAddress = URL.createObjectURL.bind(URL);

  replace(URL, "createObjectURL", {
    apply(target, self, args) {
      const address = Reflect.apply(target, self, args);
      if (args[0] instanceof Blob) blobs.set(address, args[0]);
      return address;
    },
  });
  replace(URL, "revokeObjectURL", {
    apply(target, self, args) {
      blobs.delete(String(args[0]));
      return Reflect.apply(target, self, args);
    },
  });

  const script = (text) => nativeAddress(new Blob([text], { type: "text/javascript" }));

  /** How a worker is started with the tap; null where it can't be. */
  function plan([address, options]) {
    const url = new URL(String(address), document.baseURI);
    const isBlob = url.protocol === "blob:";
    if (url.origin !== location.origin || !(isBlob || /^https?:$/.test(url.protocol))) return null;
    const own = isBlob && blobs.has(url.href) ? nativeAddress(blobs.get(url.href)) : url.href;
    const tap = `(() => {\n"use strict";\nconst config = ${toJson({ handle, url: url.href })};\n${config.worker}\n})();\n`;
    const isModule = options?.type === "module";
    const text = isModule ? `import ${toJson(script(tap))};\nimport ${toJson(own)};` : `${tap}importScripts(${toJson(own)});`;
    // What a policy may refuse is not sure to run: until it does, nothing is handed to it.
    return { address: `${script(text)}#${handle}`, held: isBlob && !isModule ? null : [] };
  }

  function watch(worker, { held }, spare) {
    const known = { held, spare, stand: null, realm: null, asked: new Map() };
    started.set(worker, known);
    // Registered before the page can have a listener, so that what is hidden here stays hidden.
    worker.addEventListener("message", (event) => {
      const told = event.data?.[handle];
      if (told === undefined) return;
      event.stopImmediatePropagation();
      safely(() => hear(worker, known, told));
    });
    worker.addEventListener("error", (event) => {
      const isUnstarted = known.held !== null && known.stand === null;
      const isUnfound = event.filename?.endsWith(`#${handle}`); // thrown by our script: it could not load the worker's own
      if (!isUnstarted && !isUnfound) return;
      event.stopImmediatePropagation();
      event.preventDefault();
      if (isUnstarted) safely(() => replaceIt(worker, known));
      else worker.dispatchEvent(new Event("error"));
    });
  }

  function hear(worker, known, [kind, value]) {
    if (kind === "hello") {
      known.realm = realms.join(value, (what, ms) => new Promise((answer) => {
        known.asked.set(++questions, answer);
        nativePostTo.call(worker, { [handle]: [questions, what, ms] });
      }));
      release(worker, known);
    } else if (kind === "record") known.realm.took(value);
    else if (kind === "state") known.realm.stands(value);
    else if (kind === "answer") answered(known, value);
    else if (kind === "hides") realms.hides(value);
  }

  function answered({ asked }, [question, answer]) {
    asked.get(question)(answer);
    asked.delete(question);
  }

  function release(worker, known) {
    const messages = known.held ?? [];
    known.held = null;
    for (const { message, transfer } of messages) nativePostTo.call(known.stand ?? worker, message, transfer);
  }

  /** The worker as it is without the tap, heard and spoken to by way of the one that the page holds. */
  function replaceIt(worker, known) {
    realms.hides("a Worker, for the page's Content-Security-Policy has no blob:");
    known.stand = Reflect.construct(NativeWorker, known.spare);
    known.stand.addEventListener("message", ({ data, origin, ports }) => worker.dispatchEvent(new MessageEvent("message", { data, origin, ports })));
    known.stand.addEventListener("messageerror", ({ data, origin }) => worker.dispatchEvent(new MessageEvent("messageerror", { data, origin })));
    known.stand.addEventListener("error", (event) => {
      const { message, filename, lineno, colno, error } = event;
      const told = event instanceof ErrorEvent ? new ErrorEvent("error", { message, filename, lineno, colno, error, cancelable: true }) : new Event("error");
      if (!worker.dispatchEvent(told)) event.preventDefault();
    });
    release(worker, known);
  }

  const NativeWorker = Worker;
  const Tapped = replaceGlobal("Worker", {
    construct(target, args, asked) {
      const self = asked === Tapped ? target : asked;
      const planned = safely(() => plan(args)) ?? null;
      if (planned !== null) {
        try {
          const worker = Reflect.construct(target, [planned.address, ...args.slice(1)], self);
          safely(() => watch(worker, planned, args));
          return worker;
        } catch {
          // Refused at once: as without the tap.
        }
      }
      realms.hides("a Worker");
      return Reflect.construct(target, args, self);
    },
  });
  const own = Object.getOwnPropertyDescriptor(NativeWorker.prototype, "constructor");
  Object.defineProperty(NativeWorker.prototype, "constructor", { ...own, value: Tapped });
  const nativePostTo = NativeWorker.prototype.postMessage;
  replace(NativeWorker.prototype, "postMessage", {
    apply(target, worker, args) {
      const known = started.get(worker);
      if (known === undefined || (known.held === null && known.stand === null)) return Reflect.apply(target, worker, args);
      if (known.held === null) return Reflect.apply(target, known.stand, args);
      const transfer = Array.isArray(args[1]) ? args[1] : [...(args[1]?.transfer ?? [])];
      known.held.push(structuredClone({ message: args[0], transfer }, { transfer }));
      return undefined;
    },
  });
  replace(NativeWorker.prototype, "terminate", {
    apply(target, worker, args) {
      const known = started.get(worker);
      safely(() => known?.realm?.left("its worker was ended"));
      if (known?.stand) Reflect.apply(target, known.stand, args);
      return Reflect.apply(target, worker, args);
    },
  });
  replaceGlobal("SharedWorker", {
    construct(target, args, asked) {
      realms.hides("a SharedWorker");
      return Reflect.construct(target, args, asked);
    },
  });
};
