// A list that is one text, as a log or a text area: each of its lines is a row.

/** The lines of a text as a person reads it, without those that are empty: what is not part of a line ends it. */
const readLines = (element) => {
  let text = "";
  const read = (node) => {
    for (let child = node.firstChild; child !== null; child = child.nextSibling) {
      if (child.nodeType === Node.TEXT_NODE) text += child.data;
      if (child.nodeType !== TREE) continue;
      const end = standsApart(child) ? "\n" : "";
      text += end;
      read(child);
      text += end;
    }
  };
  if (typeof element.value === "string") text = element.value;
  else read(element);
  return text.split("\n").map((line) => line.trim().replace(/\s+/g, " ").slice(0, TEXT_LIMIT.row)).filter(Boolean);
};

const makeLines = (spec, read, records, changes, safely) => {
  const { selector } = spec.row;
  const before = new Map(); // element → its lines
  const most = new Map(); // identity → how many lines showed it at once at most
  const dirty = new Set();

  /** A text area fires nothing when its text is set: its own property tells it. */
  function listen(element) {
    const native = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(element), "value");
    if (native?.set === undefined) return;
    Object.defineProperty(element, "value", {
      configurable: true,
      enumerable: true,
      get: () => native.get.call(element),
      set(text) {
        native.set.call(element, text);
        dirty.add(element);
        queueMicrotask(() => safely(check));
      },
    });
  }

  function found(element) {
    if (!before.has(element)) {
      before.set(element, []);
      listen(element);
    }
    dirty.add(element);
  }

  function look(element) {
    const after = readLines(element);
    const places = newPlaces(before.get(element), after);
    before.set(element, after);
    if (places.length === 0) return;
    changes.hard++;
    const rows = after.map((text) => read.line(text));
    const counts = new Map();
    for (const row of rows) counts.set(rowKey(row), (counts.get(rowKey(row)) ?? 0) + 1);
    for (const place of places) {
      const key = rowKey(rows[place]);
      const known = most.get(key) ?? 0;
      const isMore = counts.get(key) > known;
      records.add(spec.row.numbered && isMore && known > 0 ? "row_twice" : "row", rows[place]);
      if (isMore) most.set(key, known + 1);
    }
    const active = element.querySelector(ACTIVE);
    if (active !== null) records.add("active", { where: "row", text: active.outerHTML.slice(0, TEXT_LIMIT.row) });
  }

  function check() {
    for (const element of dirty) if (element.isConnected) look(element);
    dirty.clear();
  }

  return {
    added(node) {
      if (node.matches(selector)) found(node);
      if (node.firstElementChild !== null) node.querySelectorAll(selector).forEach(found);
      this.touched(node);
    },
    touched(element) {
      const text = element.closest(selector);
      if (text !== null) found(text);
    },
    check,
    view() {
      const isSeen = makeSight();
      const elements = [...document.querySelectorAll(selector)];
      return elements.flatMap((element, list) => {
        const hidden = !isSeen(element);
        return readLines(element).map((text) => ({ ...read.line(text), list, text, hidden }));
      });
    },
  };
};
