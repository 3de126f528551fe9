// Whether a person can see a part of the page.

const OPAQUE = 0.9;
const CANVAS = [255, 255, 255, 1]; // the colour of a page that has none
const LIGHT = 240; // of 255: what is darker can be read on that
const MOST_TEXTS = 12; // parts of a text whose colours are looked at

/** Red, green, blue and alpha of a computed colour; null for one in another notation. */
const colourOf = (text) => {
  const [red, green, blue, alpha = 1] = (/^rgba?\((.*)\)$/.exec(text)?.[1] ?? "").split(/[\s,/]+/).map(Number);
  return blue === undefined ? null : [red, green, blue, alpha];
};

const PSEUDO = /(?<!\\)::?(?:before|after)\b/;
const LAST_PSEUDO = /([\s>+~,]?)(?<!\\)::?(?:before|after)(?=\s*(?:,|$))/g;

/** A selector of the elements that styles give a content before or after; "" for none, null where that is not known. */
const withPseudo = () => {
  const found = [];
  let isKnown = true;
  const read = (rules) => {
    for (const { selectorText, style, cssRules, styleSheet } of rules) {
      if (style?.content && selectorText === undefined) isKnown = false; // nested, or of an animation
      else if (style?.content && PSEUDO.test(selectorText)) {
        found.push(selectorText.replace(LAST_PSEUDO, (_, start, place) => (start || place === 0 ? `${start}*` : "")));
      }
      if (cssRules) read(cssRules);
      if (styleSheet) read(styleSheet.cssRules);
    }
  };
  try {
    for (const sheet of [...document.styleSheets, ...document.adoptedStyleSheets]) read(sheet.cssRules);
    if (found.length > 0) document.createDocumentFragment().querySelector(found.join());
  } catch {
    return null; // a sheet from elsewhere, or a selector that says nothing without the rule around it
  }
  return isKnown && !found.some((each) => PSEUDO.test(each)) ? found.join() : null;
};

/** Whether a style draws something of its own before or after what is in an element, as a ground of the whole page. */
const hasPseudoGround = (element) =>
  ["::before", "::after"].some((pseudo) => {
    const { content, backgroundColor, backgroundImage } = getComputedStyle(element, pseudo);
    return content !== "none" && content !== "normal" && (backgroundImage !== "none" || colourOf(backgroundColor)?.[3] !== 0);
  });

/** The colour of a page that has none; null where it may be dark, or where what does not contain an element is behind it. */
const canvas = (element) => {
  if (window !== window.top || /dark/.test(getComputedStyle(document.documentElement).colorScheme)) return null;
  const { left, top, width, height } = element.getBoundingClientRect();
  const beneath = document.elementsFromPoint(left + width / 2, top + height / 2);
  const isPainted = (each) => /^(canvas|img|video|svg)$/.test(each.localName) || getComputedStyle(each).backgroundColor !== "rgba(0, 0, 0, 0)";
  const isBare = beneath.length > 0 && beneath.every((each) => each === element || each.contains(element) || !isPainted(each));
  return isBare ? CANVAS : null;
};

/** What finds the colour behind a text of some ink in an element; null where that is not opaque, or a picture. */
const makeGround = () => {
  const known = new Map(); // element → its ground; undefined: nothing is painted in it and around it
  let pseudo; // to ask each element for its own costs most of all this
  const mayHavePseudo = (element) => {
    if (pseudo === undefined) pseudo = withPseudo();
    if (pseudo === null || element.localName === "q" || element.getRootNode() !== document) return true;
    return pseudo !== "" && element.matches(pseudo);
  };
  const groundOf = (element) => {
    if (element === null) return undefined;
    if (!known.has(element)) known.set(element, paintedIn(element, groundOf, mayHavePseudo));
    return known.get(element);
  };
  return (element, ink) => {
    const ground = groundOf(element);
    if (ground !== undefined) return ground;
    return ink.some((part, place) => place < 3 && part < LIGHT) ? CANVAS : canvas(element);
  };
};

const paintedIn = (element, groundOf, mayHavePseudo) => {
  const { backgroundColor, backgroundImage } = getComputedStyle(element);
  if (backgroundImage !== "none" || (mayHavePseudo(element) && hasPseudoGround(element))) return null;
  const colour = colourOf(backgroundColor);
  if (colour === null || (colour[3] > 0 && colour[3] < OPAQUE)) return null;
  return colour[3] >= OPAQUE ? colour : groundOf(element.parentElement);
};

/** Whether any of its texts has another colour than what is behind it. */
const isLegible = (element, groundOf) => {
  const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
  let texts = 0;
  while (texts < MOST_TEXTS && walker.nextNode()) {
    const { currentNode: node } = walker;
    if (node.data.trim() === "") continue;
    texts++;
    const ink = colourOf(getComputedStyle(node.parentElement).color);
    const ground = ink === null ? null : groundOf(node.parentElement, ink);
    if (ground === null || ground.some((part, place) => place < 3 && part !== ink[place])) return true;
  }
  return texts === 0;
};

const isOpaque = (element) => {
  const { backgroundColor, opacity } = getComputedStyle(element);
  return /^(img|canvas|video)$/.test(element.localName) || ((colourOf(backgroundColor)?.[3] ?? 0) >= OPAQUE && opacity >= OPAQUE);
};

/** Whether something that is neither in it nor around it lies upon all of an element that is in view. */
const isCovered = (element, box, twins) => {
  let looked = 0;
  for (const [x, y] of [[0.5, 0.5], [0.1, 0.2], [0.9, 0.2], [0.1, 0.8], [0.9, 0.8]]) {
    const upon = document.elementFromPoint(box.left + x * box.width, box.top + y * box.height);
    if (upon === null) continue; // out of view
    if (upon.contains(element) || element.contains(upon)) return false;
    const twin = twins === null ? null : upon.closest(twins);
    if (twin === null && !isOpaque(upon)) return false;
    if (twin === null && isScrolledUnder(element, upon)) return false;
    looked++;
  }
  return looked > 0;
};

/** Whether an element can be scrolled out from under another one: that stands in what scrolls, or outside of its box. */
const isScrolledUnder = (element, upon) => {
  for (let at = element.parentElement; at !== null; at = at.parentElement) {
    const scrolls = at === document.scrollingElement || /auto|scroll/.test(getComputedStyle(at).overflowY);
    if (scrolls && (at.scrollHeight > at.clientHeight || at.scrollWidth > at.clientWidth)) {
      const box = at.getBoundingClientRect();
      const other = upon.getBoundingClientRect();
      if (other.height < box.height / 2 || other.bottom <= box.top || other.top >= box.bottom) return true;
    }
  }
  return false;
};

/**
 * Whether a person can see an element, perhaps after scrolling. What is asked of many is kept for the others.
 * `twins` is the selector of elements of its kind: one that lies upon another hides it, even where it is transparent.
 */
const makeSight = (twins = null) => {
  const groundOf = makeGround();
  const known = new Map(); // ancestor → how it clips what is in it
  const clipOf = (element) => {
    if (!known.has(element)) {
      const { overflowX, overflowY } = getComputedStyle(element);
      const clips = (overflow) => overflow === "hidden" || overflow === "clip";
      const box = clips(overflowX) || clips(overflowY) ? element.getBoundingClientRect() : null;
      known.set(element, { x: clips(overflowX), y: clips(overflowY), scrolls: /auto|scroll/.test(overflowX + overflowY), box });
    }
    return known.get(element);
  };
  return function isSeen(element) {
    const style = getComputedStyle(element);
    if (style.display === "contents") return element.children.length === 0 || [...element.children].some(isSeen);
    if (!element.checkVisibility({ opacityProperty: true, visibilityProperty: true })) return false;
    if (/,\s*0\)$/.test(style.color) && style.color.startsWith("rgba")) return false;
    const box = element.getBoundingClientRect();
    if (box.width === 0 || box.height === 0) return false;
    if (box.right + scrollX <= 0 || box.bottom + scrollY <= 0) return false; // a person can't scroll there
    if (isCovered(element, box, twins) || !isLegible(element, groundOf)) return false;
    for (let at = element.parentElement; at !== null && at !== document.body; at = at.parentElement) {
      const clip = clipOf(at);
      if (clip.scrolls) return true; // it can be scrolled to
      if (clip.x && (box.right <= clip.box.left || box.left >= clip.box.right)) return false;
      if (clip.y && (box.bottom <= clip.box.top || box.top >= clip.box.bottom)) return false;
    }
    return true;
  };
};
