// The texts within a part of the page that are drawn, and that no person can read: in no colour, in no size, cut away.
// What a person opens, points at, or has read aloud is not meant: a closed section, what a style shows under the mouse.

const FAINT = 0.1; // of opacity: what is fainter can't be read
const SMALLEST_PX = 2; // a font
const TELLS_APART = 8; // of 255, in one of the three colours

const BY_HAND = /:(?:hover|focus|focus-visible|focus-within|active|checked|target)\b/;
const ANY_BY_HAND = new RegExp(BY_HAND, "g");
const SHOWS = ["opacity", "visibility", "display", "color", "font-size", "width", "max-width", "clip-path", "text-indent"];

/** The selectors of what styles show once a person points at it, or at what is around it; null: not all can be read. */
const shownByHand = () => {
  const found = [];
  const read = (rules) => {
    for (const rule of rules) {
      if (rule.selectorText && BY_HAND.test(rule.selectorText) && SHOWS.some((name) => rule.style.getPropertyValue(name) !== "")) {
        found.push(rule.selectorText.replace(ANY_BY_HAND, ""));
      }
      if (rule.cssRules) read(rule.cssRules);
    }
  };
  try {
    for (const sheet of [...document.styleSheets, ...document.adoptedStyleSheets]) read(sheet.cssRules);
  } catch {
    return null; // a sheet from elsewhere
  }
  return found;
};

/** Whether it is drawn for who hears the page, by the ways that are common for that: one pixel, or far outside. */
const isForEars = ({ position, clip, clipPath }, box) =>
  position === "absolute" && (clip !== "auto" || clipPath !== "none" || (box.width <= 1 && box.height <= 1) || box.right + scrollX <= 0);

const makeUnread = () => {
  const byHand = shownByHand();
  const groundOf = makeGround();
  const waysOf = new Map(); // element → what its style and its place do to the texts in it

  const matches = (element, selector) => {
    try {
      return element.matches(selector);
    } catch {
      return true; // nothing is known of it
    }
  };
  const wayOf = (element) => {
    if (!waysOf.has(element)) {
      const style = getComputedStyle(element);
      const box = element.getBoundingClientRect();
      const cuts = /hidden|clip/.test(style.overflowX) && style.display !== "inline";
      const isClosed = box.height === 0 && /hidden|clip/.test(style.overflowY) && style.display !== "inline";
      const moves = element.getAnimations().some(({ playState }) => playState === "running");
      const isReached = byHand === null || byHand.some((selector) => matches(element, selector));
      const opens = isClosed || moves || isReached || isForEars(style, box);
      const isPainted = style.backgroundImage !== "none" || style.backgroundClip === "text";
      waysOf.set(element, { style, box, cuts, opens, isPainted });
    }
    return waysOf.get(element);
  };

  /** Whether a text has another colour than what is behind it, as far as that is known. */
  const hasColour = (element, { style }) => {
    const ink = colourOf(style.color);
    if (ink === null) return true;
    if (ink[3] < FAINT) return style.textShadow !== "none" || (colourOf(style.webkitTextFillColor)?.[3] ?? 1) >= FAINT;
    const ground = groundOf(element, ink);
    return ground === null || ground.some((part, place) => place < 3 && Math.abs(part - ink[place]) > TELLS_APART);
  };

  /** Whether a text within an element can't be read. */
  return function isUnread(node, within) {
    const parent = node.parentElement;
    if (!parent.checkVisibility()) return false; // not drawn: closed, or for another time
    const range = document.createRange();
    range.selectNodeContents(node);
    const box = range.getBoundingClientRect();
    const own = wayOf(parent);
    let opacity = 1;
    let isCut = false;
    for (let at = parent; at !== null; at = at === within ? null : at.parentElement) {
      const way = wayOf(at);
      if (way.opens || way.isPainted) return false;
      opacity *= Number(way.style.opacity);
      isCut ||= way.cuts && (way.box.width < 1 || box.right <= way.box.left); // on the right it is shortened
    }
    const isOutside = box.right + scrollX <= 0 || box.bottom + scrollY <= 0; // a person can't scroll there
    if (own.style.visibility !== "visible" || opacity < FAINT || isCut || isOutside) return true;
    return parseFloat(own.style.fontSize) < SMALLEST_PX || box.width === 0 || box.height === 0 || !hasColour(parent, own);
  };
};

/** The first `limit` characters of a part that a person can read, and of those in it that none can. */
const readOf = (element, limit, isUnread) => {
  const said = ["", ""];
  const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
  while (Math.max(...said.map((text) => text.length)) < limit && walker.nextNode()) {
    const node = walker.currentNode;
    const place = node.data.trim() !== "" && isUnread(node, element) ? 1 : 0;
    said[place] = `${said[place]}${node.data.slice(0, limit)} `.replace(/\s+/g, " ");
  }
  return said.map((text) => text.trim().slice(0, limit));
};
