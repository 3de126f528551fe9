// The run's data, and the few elements that everything is drawn with. Text is only ever set as text.

const DATA = JSON.parse(document.getElementById("data").textContent);
const EMITTED = 1, SENT = 2, CAME_IN = 4 | 8; // bits of the hops that an event passes once
const RENDERED = 4; // bit of the hops that it passes at each dashboard
const ROUTED_HOP = 3, DELIVERED_HOP = 4;

function node(tag, attributes, ...children) {
  return filled(document.createElement(tag), attributes, children);
}

function shape(tag, attributes, ...children) {
  return filled(document.createElementNS("http://www.w3.org/2000/svg", tag), attributes, children);
}

function filled(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes || {})) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

const EVENTS = DATA.events.map(([seq, name, session, producer, bits, atMs, rooms, pages, outcome], index) => ({
  index,
  seq: seq === null ? "–" : seq,
  name: textOf(DATA.names, name),
  kind: name,
  session,
  producer,
  bits,
  atMs,
  rooms: rooms.map(([room, hasMembers]) => ({ room, hasMembers: Boolean(hasMembers) })),
  pages: pages.map(([level, seen, why, found]) => ({
    level: DATA.levels[level],
    seen,
    why: textOf(DATA.words, why),
    outcome: outcomeOf(found),
  })),
  outcome: outcomeOf(outcome),
}));

function textOf(list, number) {
  return number === null ? "" : list[number];
}

function outcomeOf(found) {
  if (found === null) return null;
  const [kind, first, last, prop, detail] = found;
  return { kind: DATA.kinds[kind], first, last, prop, detail: textOf(DATA.words, detail) };
}

function isWrong(event, boards) {
  return event.outcome !== null || boards.some((board) => event.pages[board].outcome !== null);
}

// "lost at routed", "duplicated at delivered to rendered".
function told(outcome) {
  if (outcome.first === null) return outcome.kind;
  const ends = new Set([DATA.hops[outcome.first], DATA.hops[outcome.last]]);
  return `${outcome.kind} at ${[...ends].join(" to ")}`;
}

// Whether an event was lost for all dashboards at once: its cross is there, once.
function isStopped(event, outcome) {
  const isEarly = outcome.last !== null && outcome.last < DELIVERED_HOP;
  return outcome.kind === "lost" && isEarly && !event.rooms.some((room) => room.hasMembers);
}
