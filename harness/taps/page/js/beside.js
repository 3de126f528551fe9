// What a part of a page says beside its text: to who hears it read aloud or points at it, and by what styles draw.

const LABELS = ["title", "aria-label", "aria-description", "aria-valuetext", "alt"];
const MARKS = /^(class|data-.*|href|xlink:href|src)$/;
const MOST_PARTS = 60; // of one item, and items of one panel

const withParts = (element) => [element, ...element.querySelectorAll("*")].slice(0, MOST_PARTS);

/** Its titles and labels, each once. */
const labelsOf = (element) => {
  const found = withParts(element).flatMap((part) => LABELS.map((name) => part.getAttribute(name)?.trim()));
  return [...new Set(found.filter(Boolean))].join(" · ").replace(/\s+/g, " ").slice(0, TEXT_LIMIT.row);
};

/** Its classes, data attributes and pictures, without those attributes in `but`. */
const marksOf = (element, but = []) => {
  const found = new Set();
  for (const part of withParts(element)) {
    for (const { name, value } of part.attributes) {
      if (MARKS.test(name) && !but.includes(name)) for (const word of value.split(/\s+/)) if (word) found.add(word.slice(0, TEXT_LIMIT.value));
    }
  }
  return found;
};

/** The marks of several items, without those that all of them have: they tell none apart. */
const marksApart = (all) => {
  const counts = new Map();
  for (const marks of all) for (const mark of marks) counts.set(mark, (counts.get(mark) ?? 0) + 1);
  return all.map((marks) => [...marks].filter((mark) => counts.get(mark) < all.length).join(" ").slice(0, TEXT_LIMIT.row));
};

const ITEMS = "li, tbody > tr, [role=listitem], [role=row], [role=option]";

/** The items that a part lists: list items and rows of tables, else elements with others of their kind beside them. */
const itemsIn = (element) => {
  const known = [...element.querySelectorAll(ITEMS)];
  const alike = (one, other) => one.localName === other.localName && one.classList[0] === other.classList[0] && one.classList.length > 0;
  const isOneOfSeveral = (part) => [...part.parentElement.children].some((other) => other !== part && alike(part, other));
  const found = known.length ? known : [...element.querySelectorAll("[class]")].slice(0, 10 * MOST_PARTS).filter(isOneOfSeveral);
  const outer = found.filter((part) => !found.some((other) => other !== part && other.contains(part)));
  return outer.filter((part) => part.textContent.trim() !== "").slice(-MOST_PARTS);
};

/** Those of a list's items that are not drawn by a style of their own, beside others that are: of tabs one is drawn alone. */
const hiddenAmong = (element, items) => {
  if (!element.checkVisibility()) return [];
  const drawn = items.filter((item) => item.checkVisibility()).length;
  return items.filter((item) => getComputedStyle(item).display === "none" && drawn > (item.matches(ITEMS) ? 0 : 1));
};

/** Which place of how many a row says that it has, to who hears it; null where it says none. */
const positionOf = (element) => {
  const said = ["aria-posinset", "aria-setsize"].map((name) => /^-?\d{1,9}$/.exec(element.getAttribute(name) ?? "")?.[0]);
  return said[0] === undefined ? null : said.map((each) => (each === undefined ? null : Number(each)));
};

/** Text and marks of each item of a panel. */
const markedItems = (items, isUnread) => items.map((item) => [readOf(item, TEXT_LIMIT.row, isUnread)[0], [...marksOf(item)].join(" ").slice(0, TEXT_LIMIT.row)]);

// Words for a list in which nothing is yet: what stands beside its items contradicts them. What is missing on purpose,
// as errors, says nothing of the list.
const NOTHING_YET = /^(?:no|nothing|there (?:is|are) no(?:thing)?)\b.*\b(?:yet|so far)\b|^(?:the )?(?:list|feed|queue|board|log) is (?:still )?empty\b|^waiting for (?:the )?first\b/i;
const OF_OTHERS = /\b(?:errors?|warnings?|alerts?|failures?|problems?|issues?|gaps?|missing|selected|replies|comments|notes)\b/i;
const SHORT_TEXT = 80;

/** The first text in some parts of a page, and in none of the items, that says that there are none, and that is seen. */
const nothingIn = (parts, items) => {
  const isSeen = makeSight();
  for (const within of parts) {
    const walker = document.createTreeWalker(within, NodeFilter.SHOW_TEXT);
    for (let left = 10 * MOST_PARTS; left > 0 && walker.nextNode(); left--) {
      const part = walker.currentNode.parentElement;
      const text = walker.currentNode.data.trim().replace(/\s+/g, " ");
      if (text.length > SHORT_TEXT || !NOTHING_YET.test(text) || OF_OTHERS.test(text)) continue;
      if (!items.some((item) => item.contains(part)) && isSeen(part)) return text;
    }
  }
  return null;
};

/** The same of the list that some rows are in: among them, right before it or right after it. */
const nothingBesideRows = (rows) => {
  let list = rows[0]?.parentElement ?? null;
  if (list === null) return null;
  const among = [...list.children].filter((child) => !rows.includes(child));
  while (list.parentElement?.childElementCount === 1 && list.parentElement !== document.body) list = list.parentElement;
  const beside = [list.previousElementSibling, list.nextElementSibling].filter((each) => each !== null);
  return nothingIn([...among, ...beside].filter((each) => !rows.some((row) => each.contains(row))), rows);
};
