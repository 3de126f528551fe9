// What is read of a part of a page: texts, numbers, and what a row, a counter, a status, a panel or a note says.

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

/** The groups of a text that a pattern fits; null where it does not. */
const groupsIn = (pattern, text) => {
  const found = new RegExp(pattern, "u").exec(text);
  return found && (found.groups ?? {});
};

/** The groups of the first text of a row that a pattern fits: as it is read, as reports show it, and without any spaces added. */
const groupsOf = (pattern, element, limit) => {
  for (const text of [linesOf, headOf, textOf]) {
    const found = groupsIn(pattern, text(element, limit));
    if (found !== null) return found;
  }
  return null;
};

/** Which event a row shows by the groups in its text; none where its pattern does not fit. */
const fromGroups = (found, constant) => {
  const type = found === null ? null : (found.type ?? constant);
  return { type, session: found?.session ?? null, seq: found?.seq ?? null, index: null };
};

const numberIn = (text) => {
  const digits = /\d[\d,.\u00a0\u202f' ]*/.exec(text ?? "")?.[0].replace(/\D/g, "");
  return digits ? Number(digits) : null;
};

const PLACES = /(\d[\d,.]*)\s*[-\u2010-\u2015]\s*(\d[\d,.]*)\D+(\d[\d,.]*)/;

/** How many of how many a note says: `20 of 340`, or by their places: `21–40 of 340`. */
const part = (text) => {
  const [, first, last, total] = PLACES.exec(text) ?? [];
  return total === undefined ? (text.match(/\d[\d,.]*/g) ?? []) : [String(numberIn(last) - numberIn(first) + 1), total];
};

const valueOf = (element, attribute, text) => (attribute === null ? text : element.getAttribute(attribute));

const attributeOf = (element, name) => (element.getAttribute(name) ?? "").trim().slice(0, TEXT_LIMIT.value);

const makeReaders = (spec) => ({
  /** The attributes by which a row says which event it shows. */
  ownOfRow: [spec.row?.type, spec.row?.session, spec.row?.seq, spec.row?.index].filter((name) => typeof name === "string"),
  line(text) {
    const { pattern, constant } = spec.row;
    return fromGroups(pattern === null ? {} : groupsIn(pattern, text), constant);
  },
  row(element) {
    const { type, session, seq, index, pattern, constant } = spec.row;
    if (pattern !== null) {
      return fromGroups(groupsOf(pattern, element, TEXT_LIMIT.row), constant);
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
    const [a, b] = part(text);
    return { text, shown: numberIn(shown === null ? a : element.getAttribute(shown)), total: numberIn(total === null ? b : element.getAttribute(total)) };
  },
  panel(element) {
    const { name, session, named } = spec.panel;
    const known = named.find(({ selector }) => element.matches(selector));
    const about = known?.session ?? session;
    const of = about === null ? null : element.getAttribute(about);
    const called = known?.name ?? (name === null ? null : element.getAttribute(name));
    const said = (part, attribute) => (attribute === undefined ? textOf(part, TEXT_LIMIT.value) : attributeOf(part, attribute));
    const values = Object.fromEntries(this.parts(element).map(([label, part, attribute]) => [label, said(part, attribute)]));
    return { panel: called ?? "", session: of || null, text: headOf(element, TEXT_LIMIT.panel), values };
  },
  /** The single values in a panel, each with its element, and the attribute that is read where it is not text. */
  parts(element) {
    const { value, named } = spec.panel;
    const known = named.find(({ selector }) => element.matches(selector));
    const parts = new Map();
    for (const [label, selector, attribute] of known?.values ?? []) {
      const part = selector === ":scope" ? element : element.querySelector(selector);
      if (part !== null) parts.set(label, [label, part, attribute]);
    }
    for (const part of value === null ? [] : element.querySelectorAll(`[${value}]`)) {
      const label = part.getAttribute(value);
      parts.set(label, [label, part]);
    }
    return [...parts.values()];
  },
});
