// The rows of a list: which event each shows, in which list, in the order in which a person reads them.

const LOOKED_AT = 1000; // rows at either end of a list whose text and visibility are looked at

const readRows = (selector, read) => {
  const elements = [...document.querySelectorAll(selector)];
  const isSeen = makeSight(selector);
  const isUnread = makeUnread();
  const lists = listsOf(elements);
  const isLookedAt = (place) => place < LOOKED_AT || place >= elements.length - LOOKED_AT;
  const listed = asRead(elements, lists);
  const looked = listed.filter((_, place) => isLookedAt(place));
  const marks = marksApart(looked.map((element) => marksOf(element, read.ownOfRow)));
  const marksAt = new Map(looked.map((element, place) => [element, marks[place]]));
  return listed.map((element, place) => {
    const row = { ...read.row(element), list: lists.get(element) };
    if (!isLookedAt(place)) return row;
    const beside = { label: labelsOf(element), marks: marksAt.get(element), place: positionOf(element) };
    const hidden = !isSeen(element);
    if (hidden) return { ...row, ...beside, text: headOf(element, TEXT_LIMIT.row), hidden };
    const [text, unread] = readOf(element, TEXT_LIMIT.row, isUnread);
    return { ...row, ...beside, text, unread, hidden };
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

/** For how many rows more what rows scroll in has room, before the first or after the last, as a list of those in sight. */
const roomAround = (rows) => {
  const boxes = rows.map((row) => row.getBoundingClientRect()).filter(({ height }) => height > 0);
  const top = Math.min(...boxes.map((box) => box.top));
  const bottom = Math.max(...boxes.map((box) => box.bottom));
  let room = 0;
  for (let at = rows[0]?.parentElement; boxes.length > 0 && at && at !== document.body; at = at.parentElement) {
    const others = [...at.children].filter((child) => !child.contains(rows[0]) && !rows.includes(child));
    if (others.some((child) => child.textContent.trim() !== "")) break; // what is beside the list is no room of it
    const box = at.getBoundingClientRect();
    const isScroller = /auto|scroll/.test(getComputedStyle(at).overflowY) && at.scrollHeight > at.clientHeight;
    const begins = isScroller ? box.top - at.scrollTop : box.top;
    const ends = isScroller ? begins + at.scrollHeight : box.bottom;
    room = Math.max(room, top - begins, ends - bottom);
    if (isScroller) break;
  }
  return (room * boxes.length) / (bottom - top || 1);
};

const rowKey = ({ type, session, seq, index }) => (session && seq ? `${session}/${seq}` : `${type}#${index}`);

const makeRows = (spec, read, records, changes) => {
  const keys = new WeakMap(); // row → the identity that it was last seen with
  const shown = new Map(); // identity → the rows that showed it when it was last looked at, and how many at once at most

  return function saw(element) {
    const row = read.row(element);
    const key = rowKey(row);
    if (keys.get(element) === key) return;
    keys.set(element, key);
    changes.hard++;
    const { refs, most } = shown.get(key) ?? { refs: [], most: 0 };
    const isBeside = (other) => other !== element && other?.isConnected && rowKey(read.row(other)) === key;
    const beside = refs.filter((ref) => isBeside(ref.deref())); // a list that is drawn anew has none of the former rows
    const count = beside.length + 1;
    if (count > most) records.add(count > 1 ? "row_twice" : "row", row);
    shown.set(key, { refs: [...beside, new WeakRef(element)], most: Math.max(count, most) });
    const active = element.firstElementChild && element.querySelector(ACTIVE);
    if (active !== null) records.add("active", { where: "row", text: active.outerHTML.slice(0, TEXT_LIMIT.row) });
  };
};

/** How many texts at the end of one list are those at the beginning of another. */
const overlap = (head, tail) => {
  for (let size = Math.min(head.length, tail.length); size > 0; size--) {
    if (tail.slice(0, size).every((text, index) => text === head[head.length - size + index])) return size;
  }
  return 0;
};

/** The places of texts that are new in a list: after those that were there or before them, else those there are more of. */
const newPlaces = (before, after) => {
  const appended = overlap(before, after);
  const prepended = overlap(after, before);
  const places = [...after.keys()];
  if (prepended > appended) return places.slice(0, after.length - prepended).reverse();
  if (appended > 0) return places.slice(appended);
  const left = new Map(); // something was put in between
  for (const text of before) left.set(text, (left.get(text) ?? 0) + 1);
  return places.filter((place) => {
    const count = left.get(after[place]) ?? 0;
    left.set(after[place], count - 1);
    return count <= 0;
  });
};

/**
 * Rows that don't say which event they show: new is what stands after the rows that were there, or before them.
 * A page that keeps its rows' elements is asked for new elements; one that writes its list anew, for new texts.
 */
const makeUnnumberedRows = (spec, read, records, changes) => {
  let before = []; // the rows as they were: [element, text]
  let isDirty = false;

  function fresh(after) {
    const known = new Map(before);
    const kept = after.filter(([element]) => known.has(element));
    if (kept.length && kept.every(([element, text]) => known.get(element) === text)) {
      return after.filter(([element]) => !known.has(element));
    }
    return newPlaces(before.map(([, text]) => text), after.map(([, text]) => text)).map((place) => after[place]);
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
