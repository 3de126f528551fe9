// What a person can see: rows, counter, status, panels and the note of a list that is shown in part.

const TEXT_LIMIT = { row: 200, panel: 400, value: 100, note: 200 };
const TREE = Node.ELEMENT_NODE;
// What a payload would have to become to run: no row or panel has one of these by itself.
const ACTIVE = "script,iframe,object,embed,[onerror],[onload],[ontoggle],[onfocus],[onbegin],[onmouseover]";

const textOf = (element, limit) => element.textContent.trim().slice(0, limit * 2).replace(/\s+/g, " ").slice(0, limit);

/** The first `limit` characters of a part, without reading the rest: a panel may hold ten thousand rows. */
const headOf = (element, limit) => {
  const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
  let text = "";
  while (text.length < limit && walker.nextNode()) {
    text = `${text}${walker.currentNode.data.slice(0, limit)} `.replace(/\s+/g, " ");
  }
  return text.trim().slice(0, limit);
};

/** Whether an element stands apart from what is beside it: a cell, a block, a line, a part of a flex box or a grid. */
const standsApart = (element) => element.localName === "br" || !/^(inline|ruby|contents)/.test(getComputedStyle(element).display);

/** The text of a row as a person reads it: what stands apart is divided by a space. */
const linesOf = (element, limit) => {
  if (element.firstElementChild === null) return textOf(element, limit);
  let text = "";
  const read = (node) => {
    for (let child = node.firstChild; child !== null && text.length < limit * 2; child = child.nextSibling) {
      if (child.nodeType === Node.TEXT_NODE) text += child.data;
      if (child.nodeType !== TREE) continue;
      const space = standsApart(child) ? " " : "";
      text += space;
      read(child);
      text += space;
    }
  };
  read(element);
  return text.trim().replace(/\s+/g, " ").slice(0, limit);
};

/** The groups of the first text of a row that a pattern fits: as it is read, as reports show it, and without any spaces added. */
const groupsOf = (pattern, element, limit) => {
  for (const text of [linesOf, headOf, textOf]) {
    const found = pattern.exec(text(element, limit));
    if (found !== null) return found.groups ?? {};
  }
  return {};
};

const numberIn = (text) => {
  const digits = /\d[\d,.\u00a0\u202f' ]*/.exec(text ?? "")?.[0].replace(/\D/g, "");
  return digits ? Number(digits) : null;
};

const valueOf = (element, attribute, text) => (attribute === null ? text : element.getAttribute(attribute));

const makeReaders = (spec) => ({
  row(element) {
    const { type, session, seq, index, pattern, constant } = spec.row;
    if (pattern !== null) {
      const found = groupsOf(new RegExp(pattern, "u"), element, TEXT_LIMIT.row);
      return { type: found.type ?? constant, session: found.session ?? null, seq: found.seq ?? null, index: null };
    }
    const get = (name) => (name === null ? null : element.getAttribute(name));
    return { type: get(type) ?? constant, session: get(session), seq: get(seq), index: get(index) };
  },
  counter(element) {
    const text = textOf(element, TEXT_LIMIT.note);
    return { value: numberIn(valueOf(element, spec.counter.attribute, text)), text };
  },
  status(element) {
    const text = textOf(element, TEXT_LIMIT.note);
    const said = valueOf(element, spec.status.attribute, text);
    return { text: text || (said ?? ""), connected: new RegExp(`^(?:${spec.status.connected})$`, "u").test(said ?? "") };
  },
  window(element) {
    const text = textOf(element, TEXT_LIMIT.note);
    const { shown, total } = spec.window;
    const [a, b] = text.match(/\d[\d,.]*/g) ?? [];
    return { text, shown: numberIn(shown === null ? a : element.getAttribute(shown)), total: numberIn(total === null ? b : element.getAttribute(total)) };
  },
  panel(element) {
    const { name, session, named } = spec.panel;
    const known = named.find(({ selector }) => element.matches(selector));
    const about = known?.session ?? session;
    const of = about === null ? null : element.getAttribute(about);
    const called = known?.name ?? (name === null ? null : element.getAttribute(name));
    const values = Object.fromEntries(this.parts(element).map(([label, part]) => [label, textOf(part, TEXT_LIMIT.value)]));
    return { panel: called ?? "", session: of || null, text: headOf(element, TEXT_LIMIT.panel), values };
  },
  /** The single values in a panel, each with its element. */
  parts(element) {
    const { value, named } = spec.panel;
    const known = named.find(({ selector }) => element.matches(selector));
    const parts = new Map();
    for (const [label, selector] of known?.values ?? []) {
      const part = element.querySelector(selector);
      if (part !== null) parts.set(label, part);
    }
    if (value !== null) for (const part of element.querySelectorAll(`[${value}]`)) parts.set(part.getAttribute(value), part);
    return [...parts];
  },
});

const LOOKED_AT = 1000; // rows at either end of a list whose text and visibility are looked at

const readRows = (selector, read) => {
  const elements = [...document.querySelectorAll(selector)];
  const isSeen = makeSight(selector);
  const lists = listsOf(elements);
  return asRead(elements, lists).map((element, place) => {
    const row = { ...read.row(element), list: lists.get(element) };
    const isLookedAt = place < LOOKED_AT || place >= elements.length - LOOKED_AT;
    return isLookedAt ? { ...row, text: headOf(element, TEXT_LIMIT.row), hidden: !isSeen(element) } : row;
  });
};

/** Which list each row is in, by number: the innermost element around it that has several rows, as a column of a board. */
const listsOf = (elements) => {
  const counts = new Map(); // element → rows in it
  for (const element of elements) {
    for (let at = element.parentElement; at !== null; at = at.parentElement) counts.set(at, (counts.get(at) ?? 0) + 1);
  }
  const numbers = new Map();
  const found = new Map();
  for (const element of elements) {
    let at = element.parentElement;
    while (at !== null && counts.get(at) < 2) at = at.parentElement;
    if (!numbers.has(at)) numbers.set(at, numbers.size);
    found.set(element, numbers.get(at));
  }
  return found;
};

/** The rows as a person reads them: where a list's rows stand below each other, a style may have turned them round. */
const asRead = (elements, lists) => {
  if (elements.length > 2 * LOOKED_AT) return elements;
  const drawn = new Map(); // list → the rows that have a box
  for (const element of elements) {
    const box = element.getBoundingClientRect();
    if (!drawn.has(lists.get(element))) drawn.set(lists.get(element), []);
    if (box.height > 0) drawn.get(lists.get(element)).push({ element, box });
  }
  for (const [list, rows] of drawn) {
    const sorted = rows.toSorted((one, other) => one.box.top - other.box.top);
    const isOneBelowAnother = sorted.every(({ box }, place) => place === 0 || sorted[place - 1].box.bottom <= box.top + 1);
    drawn.set(list, (isOneBelowAnother ? sorted : rows).map(({ element }) => element).values());
  }
  const hasBox = (element) => element.getBoundingClientRect().height > 0;
  return elements.map((element) => (hasBox(element) ? drawn.get(lists.get(element)).next().value : element));
};

const rowKey = ({ type, session, seq, index }) => (session && seq ? `${session}/${seq}` : `${type}#${index}`);

const makeRows = (spec, read, records, changes) => {
  const keys = new WeakMap(); // row → the identity that it was last seen with
  const shown = new Map(); // identity → the row that showed it last

  return function saw(element) {
    const row = read.row(element);
    const key = rowKey(row);
    if (keys.get(element) === key) return;
    keys.set(element, key);
    changes.hard++;
    const before = shown.get(key)?.deref();
    const isTwin = before !== undefined && before !== element && before.isConnected && rowKey(read.row(before)) === key;
    if (isTwin || !shown.has(key)) records.add(isTwin ? "row_twice" : "row", row);
    shown.set(key, new WeakRef(element));
    const active = element.firstElementChild && element.querySelector(ACTIVE);
    if (active !== null) records.add("active", { where: "row", text: active.outerHTML.slice(0, TEXT_LIMIT.row) });
  };
};

/**
 * Rows that don't say which event they show: new is what stands behind the rows that were there, or before them.
 * A page that keeps its rows' elements is asked for new elements; one that writes its list anew, for new texts.
 */
const makeUnnumberedRows = (spec, read, records, changes) => {
  let before = []; // the rows as they were: [element, text]
  let isDirty = false;

  const overlap = (head, tail) => {
    for (let size = Math.min(head.length, tail.length); size > 0; size--) {
      if (tail.slice(0, size).every(([, text], index) => text === head[head.length - size + index][1])) return size;
    }
    return 0;
  };

  /** The rows whose texts were not there before, or not as often. */
  function others(after) {
    const left = new Map();
    for (const [, text] of before) left.set(text, (left.get(text) ?? 0) + 1);
    return after.filter(([, text]) => {
      const count = left.get(text) ?? 0;
      left.set(text, count - 1);
      return count <= 0;
    });
  }

  function fresh(after) {
    const known = new Map(before);
    const kept = after.filter(([element]) => known.has(element));
    if (kept.length && kept.every(([element, text]) => known.get(element) === text)) {
      return after.filter(([element]) => !known.has(element));
    }
    const appended = overlap(before, after);
    const prepended = overlap(after, before);
    if (appended === 0 && prepended === 0) return others(after); // something was put in between
    return prepended > appended ? after.slice(0, after.length - prepended).reverse() : after.slice(appended);
  }

  return {
    touch: () => (isDirty = true),
    check() {
      if (!isDirty) return;
      isDirty = false;
      const after = [...document.querySelectorAll(spec.row.selector)].map((element) => [element, textOf(element, TEXT_LIMIT.row)]);
      for (const [element] of fresh(after)) {
        changes.hard++;
        records.add("row", read.row(element));
        const active = element.firstElementChild && element.querySelector(ACTIVE);
        if (active !== null) records.add("active", { where: "row", text: active.outerHTML.slice(0, TEXT_LIMIT.row) });
      }
      before = after;
    },
  };
};

/** One part that the page has once. Found when it is put in, so that the document is never searched. */
const makeSingle = (kind, spec, read, records, changes) => {
  let element = null;
  let before = "null";
  let isDirty = false;

  function find(found) {
    element = found;
    isDirty = true;
  }

  return {
    added(node) {
      if (element?.isConnected) return;
      const found = node.matches(spec.selector) ? node : node.firstElementChild && node.querySelector(spec.selector);
      if (found) find(found);
    },
    touched(target) {
      if (element === null || !element.isConnected) return target.matches(spec.selector) && find(target);
      return element.contains(target) && (isDirty = true);
    },
    check() {
      if (!isDirty && (element === null || element.isConnected)) return;
      isDirty = false;
      if (!element?.isConnected) element = null;
      const value = element === null ? null : read[kind](element);
      const text = toJson(value);
      if (text === before) return;
      before = text;
      changes.hard++;
      records.add(kind, value ?? { gone: true });
    },
    view() {
      const found = document.querySelector(spec.selector);
      return found === null ? null : read[kind](found);
    },
  };
};

/** The names of the parts that stand in the document where no person can see them. */
const unseenParts = (spec, read) => {
  const isSeen = makeSight();
  const isHidden = (element) => element !== null && element.textContent.trim() !== "" && !isSeen(element);
  const unseen = [];
  for (const kind of ["counter", "status"]) {
    if (spec[kind] && isHidden(document.querySelector(spec[kind].selector))) unseen.push(kind);
  }
  for (const element of spec.panel ? document.querySelectorAll(spec.panel.selector) : []) {
    const { panel } = read.panel(element);
    if (isHidden(element)) unseen.push(panel);
    else for (const [name, part] of read.parts(element)) if (isHidden(part)) unseen.push(`${panel}: ${name}`);
  }
  return [...new Set(unseen)];
};

const makePanels = (spec, read, records, changes) => {
  const before = new WeakMap(); // panel → what it showed
  const dirty = new Set();

  function check(element) {
    const value = read.panel(element);
    const text = toJson(value);
    if (before.get(element) === text) return;
    before.set(element, text);
    changes.soft++;
    records.add("panel", value);
    const active = element.querySelector(ACTIVE);
    if (active !== null) records.add("active", { where: value.panel, text: active.outerHTML.slice(0, TEXT_LIMIT.row) });
  }

  return {
    added(node) {
      if (node.matches(spec.selector)) check(node);
      if (node.firstElementChild !== null) for (const panel of node.querySelectorAll(spec.selector)) check(panel);
    },
    touched(element) {
      for (let at = element.closest(spec.selector); at != null; at = at.parentElement?.closest(spec.selector)) dirty.add(at);
    },
    isDirty: () => dirty.size > 0,
    flush() {
      for (const panel of dirty) if (panel.isConnected) check(panel);
      dirty.clear();
    },
    view: () => [...document.querySelectorAll(spec.selector)].map((element) => read.panel(element)),
  };
};

const attributesOf = (spec) => {
  const { row, counter, status, window: note, panel } = spec;
  const names = [row?.type, row?.session, row?.seq, row?.index, counter?.attribute, status?.attribute];
  names.push(note?.shown, note?.total, panel?.name, panel?.session, panel?.value);
  names.push(...(panel?.named ?? []).map((each) => each.session));
  return [...new Set(names.filter((name) => typeof name === "string"))];
};

const makeDom = (spec, records, changes, store, frame) => {
  const { safely } = records;
  const read = makeReaders(spec);
  const unnumbered = spec.row && !spec.row.numbered ? makeUnnumberedRows(spec, read, records, changes) : null;
  const sawRow = spec.row && (unnumbered?.touch ?? makeRows(spec, read, records, changes));
  const panels = spec.panel && makePanels(spec.panel, read, records, changes);
  const singles = {};
  for (const kind of ["counter", "status", "window"]) {
    if (spec[kind]) singles[kind] = makeSingle(kind, spec[kind], read, records, changes);
  }
  const listed = Object.values(singles);
  let isWaiting = false;

  // Markup that a page puts into a row which was there before.
  function inRow(node) {
    if (node.parentElement?.closest(spec.row.selector) == null) return false;
    const active = node.matches(ACTIVE) ? node : node.querySelector(ACTIVE);
    if (active !== null) records.add("active", { where: "row", text: active.outerHTML.slice(0, TEXT_LIMIT.row) });
    return true;
  }

  function added(node) {
    if (sawRow && node.matches(spec.row.selector)) return sawRow(node);
    if (sawRow && inRow(node)) return;
    if (sawRow && node.firstElementChild !== null) node.querySelectorAll(spec.row.selector).forEach(sawRow);
    for (const single of listed) single.added(node);
    panels?.added(node);
  }

  function touched(mutation) {
    const target = mutation.target;
    const element = target.nodeType === TREE ? target : target.parentElement;
    if (element === null || !element.isConnected) return;
    if (mutation.type === "attributes") {
      if (sawRow && element.matches(spec.row.selector)) sawRow(element);
    } else if (sawRow && (spec.row.pattern !== null || unnumbered)) {
      const row = element.closest(spec.row.selector);
      if (row !== null) sawRow(row);
    }
    for (const single of listed) single.touched(element);
    panels?.touched(element);
  }

  function observe(mutations) {
    for (const mutation of mutations) {
      for (const node of mutation.addedNodes) if (node.nodeType === TREE && node.isConnected) added(node);
      if (mutation.removedNodes.length) unnumbered?.touch();
      touched(mutation);
    }
    unnumbered?.check();
    for (const single of listed) single.check();
    store.check();
    if (panels?.isDirty() && !isWaiting) {
      isWaiting = true;
      frame(() => safely(painted));
    }
  }

  // Panels are read once a frame: more often nobody can see them.
  function painted() {
    isWaiting = false;
    panels.flush();
  }

  const attributes = attributesOf(spec);
  const observer = new MutationObserver((mutations) => safely(() => observe(mutations)));
  observer.observe(document, {
    childList: true,
    subtree: true,
    characterData: true,
    ...(attributes.length ? { attributes: true, attributeFilter: attributes } : {}),
  });

  return {
    /** Takes in what the observer has not been told yet. */
    flush() {
      const mutations = observer.takeRecords();
      if (mutations.length) observe(mutations);
      panels?.flush();
    },
    /** Whether a change of the document is seen: a comment is put in and taken out again. */
    canary() {
      this.flush();
      const comment = document.createComment("");
      document.documentElement.append(comment);
      comment.remove();
      const seen = observer.takeRecords();
      safely(() => observe(seen.filter((each) => ![...each.addedNodes, ...each.removedNodes].includes(comment))));
      return seen.length >= 2;
    },
    view() {
      const rows = spec.row ? readRows(spec.row.selector, read) : null;
      const of = (kind) => singles[kind]?.view() ?? null;
      const shown = { counter: of("counter"), status: of("status"), window: of("window"), panels: panels?.view() ?? null };
      return { rows, ...shown, unseen: unseenParts(spec, read) };
    },
  };
};
