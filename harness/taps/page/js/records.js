// The page's own record: what was seen, in order, until Python drains it or a reload hands it on to the next load.

const SAVED_LIMIT = 3_000_000; // characters; Chromium allows about 5 million, and the page's own come first
const DRAIN_LIMIT = 4000; // records
const FAULT_LIMIT = 20;

const makeRecords = (handle) => {
  const saved = takeSaved();
  const load = saved.load + 1;
  let current = { load, origin: performance.timeOrigin, records: [] };
  let batches = [...saved.batches, current]; // of former loads, where they were not drained, and of this one
  let count = 0;
  let faults = 0;

  // The storage holds our key only between two loads, so that the page's code never meets it.
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

  /** `at`: when it was, on the page's clock; a record of another realm comes a moment after that. */
  function add(kind, fields, at = now()) {
    fields.k = kind;
    fields.n = ++count;
    fields.t = at;
    current.records.push(fields);
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

  // The oldest batch, a part at a time: ten thousand events are not one long task of ours. `more` records are left.
  function drain() {
    const [batch] = batches;
    const given = { ...batch, records: batch.records.splice(0, DRAIN_LIMIT) };
    delete batch.lost;
    if (batch.records.length === 0 && batch !== current) batches.shift();
    const more = batches.reduce((sum, { records }) => sum + records.length, 0);
    return toJson({ load, origin: performance.timeOrigin, now: now(), batch: given, more });
  }

  function save() {
    for (;;) {
      const text = toJson({ load, batches });
      if ((text.length <= SAVED_LIMIT && store(text)) || !shorten()) break;
    }
    restart([]);
  }

  function restart(former) {
    current = { ...current, records: [] };
    batches = [...former, current];
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
  function shorten() {
    const longest = batches.reduce((a, b) => (b.records.length > a.records.length ? b : a));
    if (longest.records.length === 0) return false;
    const keep = longest.records.length >> 1;
    longest.lost = (longest.lost ?? 0) + longest.records.length - keep;
    longest.records.length = keep;
    return true;
  }

  addEventListener("pagehide", () => safely(save));
  addEventListener("pageshow", (event) => event.persisted && safely(() => restart(takeSaved().batches)));
  return { add, drain, load, safely };
};
