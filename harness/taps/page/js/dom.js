// What a person can see: rows, counter, status, panels and the note of a list that is shown in part.

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
    else for (const [name, part, attribute] of read.parts(element)) {
      if (attribute === undefined && isHidden(part)) unseen.push(`${panel}: ${name}`);
    }
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
    view() {
      const isUnread = makeUnread();
      return [...document.querySelectorAll(spec.selector)].map((element) => {
        const all = itemsIn(element);
        const hidden = hiddenAmong(element, all);
        const items = all.filter((item) => !hidden.includes(item));
        const [text] = readOf(element, TEXT_LIMIT.panel, (node, within) => hidden.some((item) => item.contains(node)) || isUnread(node, within));
        return { ...read.panel(element), text, items: markedItems(items, isUnread), nothing: nothingIn([element], items) };
      });
    },
  };
};

const attributesOf = (spec) => {
  const { row, counter, status, window: note, panel } = spec;
  const names = [row?.type, row?.session, row?.seq, row?.index, counter?.attribute, status?.attribute];
  names.push(note?.shown, note?.total, panel?.name, panel?.session, panel?.value);
  names.push(...(panel?.named ?? []).flatMap((each) => [each.session, ...each.values.map(([, , attribute]) => attribute)]));
  return [...new Set(names.filter((name) => typeof name === "string"))];
};

const makeDom = (spec, records, changes, store, frame) => {
  const { safely } = records;
  const read = makeReaders(spec);
  const lines = spec.row?.lines ? makeLines(spec, read, records, changes, (work) => safely(work)) : null;
  const unnumbered = spec.row && !lines && !spec.row.numbered ? makeUnnumberedRows(spec, read, records, changes) : null;
  const sawRow = spec.row && !lines && (unnumbered?.touch ?? makeRows(spec, read, records, changes));
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
    lines?.added(node);
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
    lines?.touched(element);
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
    lines?.check();
    for (const single of listed) single.check();
    store.check();
    if (panels?.isDirty() && !isWaiting) {
      isWaiting = true;
      frame(() => safely(painted));
    }
  }

  // Panels are read once a frame: a person can't see them more often.
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
      lines?.check();
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
      const rows = lines?.view() ?? (spec.row ? readRows(spec.row.selector, read) : null);
      const of = (kind) => singles[kind]?.view() ?? null;
      const shown = { counter: of("counter"), status: of("status"), window: of("window"), panels: panels?.view() ?? null };
      const nothing = spec.row && !lines ? nothingBesideRows([...document.querySelectorAll(spec.row.selector)]) : null;
      const room = spec.row && !lines ? roomAround([...document.querySelectorAll(spec.row.selector)]) : null;
      return { rows, ...shown, nothing, room, unseen: unseenParts(spec, read) };
    },
  };
};
