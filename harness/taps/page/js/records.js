// The page's own record: what was seen, in order, until Python drains it or a reload hands it on to the next load.

const now = performance.now.bind(performance);
const toJson = JSON.stringify;
const fromJson = JSON.parse;

const SAVED_LIMIT = 3_000_000; // characters; Chromium allows about 5 million, and the page's own come first
const FAULT_LIMIT = 20;

const makeRecords = (handle) => {
  let kept = [];
  let count = 0;
  let faults = 0;
  let inherited = takeSaved();
  const load = inherited.load + 1;

  // The store holds our key only between two loads, so that the page's code never meets it.
  function takeSaved() {
    const none = { load: 0, batches: [] };
    try {
      const text = sessionStorage.getItem(handle);
      sessionStorage.removeItem(handle);
      return text === null ? none : fromJson(text);
    } catch {
      return none; // no storage here (a sandboxed page), or the page wrote to our key
    }
  }

  function add(kind, fields) {
    fields.k = kind;
    fields.n = ++count;
    fields.t = now();
    kept.push(fields);
  }

  function mine() {
    return { load, origin: performance.timeOrigin, records: kept };
  }

  function fault(error) {
    if (++faults <= FAULT_LIMIT) add("fault", { text: String(error?.stack ?? error).slice(0, 500) });
  }

  // The tap's own mistakes are recorded, and never reach the page.
  function safely(work) {
    try {
      return work();
    } catch (error) {
      fault(error);
      return undefined;
    }
  }

  function drain() {
    const batches = [...inherited.batches, mine()];
    const text = toJson({ load, origin: performance.timeOrigin, url: location.href, now: now(), batches });
    inherited = { load, batches: [] };
    kept = [];
    return text;
  }

  function save() {
    const batches = [...inherited.batches, mine()];
    for (;;) {
      const text = toJson({ load, batches });
      if (text.length <= SAVED_LIMIT && store(text)) break;
      if (!shorten(batches)) break;
    }
    inherited = { load, batches: [] };
    kept = [];
  }

  function store(text) {
    try {
      sessionStorage.setItem(handle, text);
      return true;
    } catch {
      return false;
    }
  }

  // Half of the longest batch goes, the later half; the batch says how many records it lost.
  function shorten(batches) {
    const longest = batches.reduce((a, b) => (b.records.length > a.records.length ? b : a));
    if (longest.records.length === 0) return false;
    const keep = longest.records.length >> 1;
    longest.lost = (longest.lost ?? 0) + longest.records.length - keep;
    longest.records = longest.records.slice(0, keep);
    return true;
  }

  addEventListener("pagehide", () => safely(save));
  addEventListener("pageshow", (event) => event.persisted && safely(() => (inherited = takeSaved())));
  return { add, drain, fault, load, safely };
};
