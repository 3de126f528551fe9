// Event by event, what each dashboard was owed and what it has. A row's button tells the whole story of its event.

const LINE = 32;
const NONE = { must: "✗ nothing", may: "– nothing", never: "✓ nothing", "": "–" };

class EventTable {
  constructor(box, detail) {
    this.detail = detail;
    this.head = node("div", { class: "head row", role: "row" });
    this.list = new LongList(box, LINE, this.head, (first, last) => this.events.slice(first, last).map((event, n) => this.row(event, first + n)));
    const table = node("div", { role: "table", "aria-label": "Events, expected and received" });
    this.list.sizer.setAttribute("role", "presentation");
    this.list.pane.setAttribute("role", "rowgroup");
    table.append(node("div", { role: "rowgroup", class: "top" }, this.head), this.list.sizer);
    box.replaceChildren(table);
    this.table = table;
    this.onChoice = () => {};
  }

  show(events, boards) {
    Object.assign(this, { events, boards });
    this.table.setAttribute("aria-rowcount", events.length + 1);
    this.table.className = `boards-${Math.min(boards.length, 6)}`;
    const names = ["Event", "At", ...boards.map((board) => `Dashboard ${DATA.dashboards[board]}`)];
    this.head.replaceChildren(...names.map((name) => node("span", { role: "columnheader" }, name)));
    this.list.show(events.length);
  }

  row(event, index) {
    const button = node("button", { type: "button", title: event.name }, `${event.seq} ${event.name}`);
    button.addEventListener("click", () => this.tell(event));
    const bad = event.outcome ? node("span", { class: "bad" }, ` ✗ ${told(event.outcome)}`) : "";
    return node(
      "div", { role: "row", class: "row", "aria-rowindex": index + 2 },
      node("span", { role: "cell" }, button, bad),
      node("span", { role: "cell", class: "soft" }, event.atMs === null ? "–" : `+${(event.atMs / 1000).toFixed(3)} s`),
      ...this.boards.map((board) => this.cell(event.pages[board])),
    );
  }

  cell({ level, seen, outcome }) {
    const [kind, text] = outcome ? ["bad", `✗ ${told(outcome)}`] : seen ? ["good", `✓ ${reached(seen)}`] : ["soft", NONE[level]];
    const title = `${level ? `${level} receive` : "nothing promised"}: ${text}`;
    return node("span", { role: "cell", class: kind, title }, node("i", {}, level || "–"), ` ${text}`);
  }

  tell(event) {
    const hops = DATA.hops.slice(0, DELIVERED_HOP).map((_hop, bit) => hopItem(bit, event.bits & (1 << bit), this.lostAt(event, bit)));
    const rooms = event.rooms.map(({ room, hasMembers }) => `${textOf(DATA.rooms, room)} (${hasMembers ? "with" : "no"} members)`);
    const close = node("button", { type: "button", class: "close" }, "Close");
    close.addEventListener("click", () => this.choose(null));
    this.detail.replaceChildren(
      close,
      node("h4", {}, `${event.seq} ${event.name}`),
      node("p", { class: "soft" }, `session ${textOf(DATA.sessions, event.session)}, ${textOf(DATA.producers, event.producer)}`),
      ...(event.outcome ? [node("p", { class: "bad" }, `${told(event.outcome)} (${event.outcome.prop}): ${event.outcome.detail}`)] : []),
      node("ul", { class: "hops" }, ...hops),
      ...(rooms.length ? [node("p", {}, `Rooms: ${rooms.join(", ")}`)] : []),
      ...this.boards.map((board) => boardStory(board, event.pages[board])),
    );
    this.choose(event);
  }

  lostAt(event, hop) {
    const lost = this.boards.filter((board) => isLostAt(event.pages[board].outcome, hop));
    return lost.map((board) => DATA.dashboards[board]);
  }

  choose(event) {
    this.detail.hidden = event === null;
    this.onChoice(event);
    if (event) this.detail.scrollIntoView({ block: "nearest" });
  }
}

function reached(seen) {
  return [2, 1, 0].filter((bit) => seen & (1 << bit)).map((bit) => DATA.hops[DELIVERED_HOP + bit])[0];
}

// A hop that an event passed may have lost it for some dashboards all the same; one that is not observed says nothing.
function hopItem(hop, isSeen, lostFor = []) {
  if (!isSeen && DATA.blind.includes(hop)) return node("li", { class: "soft" }, `? ${DATA.hops[hop]} (blind)`);
  const text = `${isSeen && !lostFor.length ? "✓" : "✗"} ${DATA.hops[hop]}`;
  const whom = isSeen && lostFor.length ? `, and not for dashboard ${lostFor.join(", ")}` : "";
  return node("li", { class: isSeen && !lostFor.length ? "good" : "bad" }, text + whom);
}

function isLostAt(outcome, hop) {
  return outcome !== null && outcome.kind === "lost" && outcome.first !== null && outcome.first <= hop && hop <= outcome.last;
}

function boardStory(board, { level, seen, why, outcome }) {
  const hops = DATA.hops.slice(DELIVERED_HOP).map((_hop, bit) => hopItem(DELIVERED_HOP + bit, seen & (1 << bit)));
  const lines = [node("p", {}, `${level || "nothing promised"}${why ? `: ${why}` : ""}`), node("ul", { class: "hops" }, ...hops)];
  if (outcome) lines.push(node("p", { class: "bad" }, `${told(outcome)} (${outcome.prop}): ${outcome.detail}`));
  return node("section", {}, node("h5", {}, `Dashboard ${DATA.dashboards[board]}`), ...lines);
}
