// The sequence diagram: a lane for each CLI, the server, rooms and dashboards, and a row for each event.

const ROW = 26, LABEL = 190, LABEL_NARROW = 104, LANE = 62, EDGE = 40;
const MOST_PRODUCERS = 4, MOST_ROOMS = 5;

class Diagram {
  constructor(box) {
    this.box = box;
    this.head = node("div", { class: "head lanes" });
    this.list = new LongList(box, ROW, this.head, (first, last) => [this.window(first, last)]);
    this.chosen = null;
  }

  show(events, boards) {
    Object.assign(this, { events, boards });
    this.lanes = lanesOf(events, boards);
    this.list.show(events.length);
    this.width = 0;
  }

  // Where lanes are depends on the width of the box: the label takes what it needs, the lanes share the rest.
  measure() {
    const width = this.box.clientWidth;
    if (width === this.width) return;
    this.width = width;
    this.label = width < 700 ? LABEL_NARROW : LABEL;
    const gaps = Math.max(this.lanes.length - 1, 1);
    this.step = Math.max((width - this.label - 2 * EDGE - 20) / gaps, LANE);
    this.full = Math.max(this.label + 2 * EDGE + this.step * gaps, width);
    this.list.sizer.style.width = `${this.full}px`;
    this.head.style.width = `${this.full}px`;
    this.head.replaceChildren(...this.lanes.map((lane, place) => {
      const head = node("span", { title: `${lane.kind} ${lane.name}` }, node("b", {}, lane.kind), ` ${lane.name}`);
      head.style.left = `${this.x(place)}px`;
      head.style.maxWidth = `${this.step - 6}px`;
      return head;
    }));
  }

  x(place) {
    return this.label + EDGE + this.step * place;
  }

  at(id) {
    const place = this.lanes.findIndex((lane) => lane.ids.has(id));
    return place < 0 ? null : this.x(place);
  }

  window(first, last) {
    this.measure();
    const height = (last - first) * ROW;
    const svg = shape("svg", { width: this.full, height, "aria-hidden": "true" });
    this.lanes.forEach((lane, place) => svg.append(stroke(`M${this.x(place)} 0V${height}`, "lane")));
    for (let index = first; index < last; index += 1) {
      const event = this.events[index];
      const row = shape("g", { transform: `translate(0 ${(index - first) * ROW + ROW / 2})` });
      if (event === this.chosen) row.append(shape("rect", { class: "chosen", y: -ROW / 2, width: this.full, height: ROW }));
      row.append(this.words(event), ...this.onItsWay(event));
      svg.append(row);
    }
    return svg;
  }

  words(event) {
    const most = this.label < LABEL ? 11 : 22;
    const name = event.name.length > most ? `${event.name.slice(0, most - 1)}…` : event.name;
    const bad = isWrong(event, this.boards) ? " bad" : "";
    const text = shape("text", { x: 10, y: 4, class: `name${bad}` }, `${event.seq} ${name}`);
    text.append(shape("title", {}, event.name));
    return text;
  }

  onItsWay(event) {
    const sender = this.at(`p${event.producer}`), server = this.at("server");
    const isBad = isWrong(event, this.boards);
    if (event.bits & CAME_IN) return [arrow(sender, server), ...this.onward(event, server, isBad), ...this.arrived(event)];
    if (!(event.bits & (EMITTED | SENT))) return this.arrived(event);
    const reach = event.bits & SENT ? (sender + server) / 2 : sender + 16;
    return [stroke(`M${sender} 0H${reach}`, "gone"), ...(isBad ? [cross(reach)] : []), ...this.arrived(event)];
  }

  // From the server through the rooms to the furthest dashboard that has it.
  onward(event, server, isBad) {
    const found = [];
    let from = server;
    for (const { room, hasMembers } of event.rooms) {
      const end = this.at(`r${room}`);
      found.push(hasMembers ? arrow(server, end) : stroke(`M${server} 0H${end}`, "gone"));
      if (!hasMembers && isBad) found.push(cross(end));
      if (hasMembers) from = Math.max(from, end);
    }
    const outcomes = [event.outcome, ...this.boards.map((board) => event.pages[board].outcome)];
    const isUnrouted = outcomes.some((each) => each && each.first !== null && each.first <= ROUTED_HOP && each.last >= ROUTED_HOP);
    if (!event.rooms.length && isUnrouted) found.push(cross(server + 16));
    const reached = this.boards.filter((board) => event.pages[board].seen);
    if (reached.length) found.push(arrow(from, this.at(`d${reached[reached.length - 1]}`) - 6));
    return found;
  }

  arrived(event) {
    return this.boards.flatMap((board) => {
      const { seen, outcome } = event.pages[board], x = this.at(`d${board}`), found = [];
      if (seen) found.push(shape("circle", { class: seen & RENDERED ? "shown" : "came", cx: x, cy: 0, r: 5 }));
      if (outcome && !isStopped(event, outcome)) {
        found.push(cross(seen ? x + 14 : outcome.last !== null && outcome.first <= DELIVERED_HOP ? x - 14 : x));
        if (outcome.kind !== "lost") found.push(shape("text", { class: "bad", x: x + 22, y: 4 }, outcome.kind));
      }
      return found;
    });
  }
}

function lanesOf(events, boards) {
  const producers = [...new Set(events.map((event) => event.producer))];
  const rooms = [...new Set(events.flatMap((event) => event.rooms.map(({ room }) => room)))];
  return [
    ...bounded(producers, MOST_PRODUCERS, "CLI", "p", (each) => textOf(DATA.producers, each).replace(/^cli:?/, "")),
    { kind: "server", name: "", ids: new Set(["server"]) },
    ...bounded(rooms, MOST_ROOMS, "room", "r", (each) => textOf(DATA.rooms, each)),
    ...boards.map((board) => ({ kind: "dashboard", name: DATA.dashboards[board], ids: new Set([`d${board}`]) })),
  ];
}

// A lane for each, and one for all that are too many.
function bounded(numbers, most, kind, letter, nameOf) {
  const lanes = numbers.slice(0, most).map((each) => ({ kind, name: nameOf(each), ids: new Set([letter + each]) }));
  const others = numbers.slice(most);
  if (others.length) lanes.push({ kind, name: `${others.length} others`, ids: new Set(others.map((each) => letter + each)) });
  return lanes;
}

function stroke(d, kind) {
  return shape("path", { class: kind, d });
}

function arrow(from, to) {
  return stroke(`M${from} 0H${to}m-6 -4l6 4l-6 4`, "way");
}

function cross(x) {
  return stroke(`M${x - 5} -5l10 10m0 -10l-10 10`, "cross");
}
