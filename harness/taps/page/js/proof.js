// Proof of absence: a fence through each open connection, then rounds of frames and tasks until the page is still.

const CALM_ROUNDS = 3;
const BUSY_CALM_ROUNDS = 10; // where the repeating callbacks also post tasks, as a framework's scheduler does

const makeProof = (records, changes, realms, census, dom, store) => {
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
        const { once, repeating, what } = await realms.work(census.count(), timer.over);
        const after = look(); // what a worker tells the page comes before what it answers us
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
    const passed = await realms.fence(deadline);
    const hasTime = now() < deadline;
    const rest = hasTime ? await still(deadline) : { still: false, waited_ms: 0, why: "the fence took all the time" };
    return { fence: passed, still: rest };
  }

  return { prove, still };
};

const NativeChannel = MessageChannel;
const nativePost = MessagePort.prototype.postMessage;
