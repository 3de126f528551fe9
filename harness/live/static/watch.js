"use strict";

// Draws what `harness watch` tells. Whatever a run says is only ever set as text.

const at = (id) => document.getElementById(id);

function node(tag, attributes, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes || {})) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

const number = (count) => (count === null ? "?" : count.toLocaleString("en"));
const amount = (count, one) => `${number(count)} ${one}${count === 1 ? "" : "s"}`;
const SIGNS = { passed: "✓", failed: "✗", unknown: "?" };

// What changed is drawn anew and nothing else: focus, selection and scrolling stay.
const drawn = new Map();
function draw(id, data, make) {
  const text = JSON.stringify(data);
  if (drawn.get(id) === text) return;
  drawn.set(id, text);
  at(id).replaceChildren(...make());
}

function drawHead(live, runner) {
  const isRunning = live !== null && live.phase === "running" && (runner.running || runner.status === null);
  const isCut = live !== null && live.verdict === null && !isRunning;
  document.body.className = isRunning ? "running" : live === null || isCut ? "unknown" : live.verdict;
  at("badge").textContent =
    live === null ? "? no run yet" : isRunning ? "● running" : isCut ? "? without a verdict" : `${SIGNS[live.verdict]} ${live.verdict}`;
  at("where").replaceChildren(
    ...(live === null ? [] : [`${live.run.strategy} on ${live.run.target} `, ...(live.verdict === null ? [] : [report(live.run.name, "report")])]),
  );
  const broken = runner.status === 4 || (runner.status === 2 && runner.said !== "");
  at("said").hidden = !broken || runner.said === "";
  at("said").textContent = runner.said;
  at("sentence").textContent =
    live === null ? "Waiting for a run" : live.sentence || (live.cause === null ? "Events are on their way" : `So far: ${live.cause.sentence}`);
  document.title = `${at("badge").textContent}: ${live === null ? "harness watch" : live.run.strategy}`;
}

function report(name, text) {
  return node("a", { href: `/runs/${encodeURIComponent(name)}/run.html`, target: "_blank", rel: "noopener" }, text);
}

function drawControls(runner) {
  const choices = runner.strategies.length > 1 ? [["all", "all of them"], ...runner.strategies.map((name) => [name, name])] : runner.strategies.map((name) => [name, name]);
  if (at("strategy").options.length !== choices.length) {
    at("strategy").replaceChildren(...choices.map(([value, text]) => node("option", { value }, text)));
    at("strategy").value = runner.chosen.length === 1 ? runner.chosen[0] : choices[0][0];
  }
  at("follow").checked = runner.follows;
  at("again").textContent = runner.running ? (runner.next ? "runs again after this one" : "Run again after this one") : "Run again";
  at("again").disabled = runner.next || runner.strategies.length === 0;
  const why = runner.why && runner.running ? ` (${runner.why})` : "";
  at("step").textContent = runner.running ? runner.step + why : "";
}

function hop(step) {
  return node("li", { class: `hop ${step.state}${step.is_break ? " break" : ""}`, title: step.meaning },
    node("span", { class: "dot" }, number(step.count)),
    node("span", { class: "label" }, node("b", {}, step.label), ...(step.note ? [node("span", { class: "note" }, step.note)] : []), node("span", { class: "meaning" }, step.meaning)));
}

function cause(found, isOver) {
  const row = (name, ...told) => node("div", {}, node("dt", {}, name), node("dd", {}, ...told));
  const why = node("div", { class: "why" }, node("p", { class: "tag" }, isOver ? "Cause" : "Cause, as far as the record goes"),
    node("h3", {}, found.cause), node("p", {}, found.sentence),
    node("dl", { class: "short" }, row("Hop", node("b", {}, found.hop)),
      row("Place", ...(found.places.length ? found.places.map((place) => node("code", {}, `${place} `)) : ["not on record"])),
      ...(found.further.length ? [row("Further", found.further.join(", "))] : [])));
  const todo = node("div", { class: "todo" }, node("p", { class: "tag" }, "What to do"), node("p", { class: "remedy" }, found.remedy));
  const lines = node("details", { class: "evidence", open: "" }, node("summary", {}, "Evidence"), node("ul", { tabindex: "0", "aria-label": "Lines of evidence" }, ...found.evidence.map((line) => node("li", {}, line))));
  return node("article", { class: "cause" }, why, todo, lines);
}

function party(title, ...items) {
  const lines = items.length ? items : [node("li", { class: "soft" }, "none")];
  return node("article", { class: "party" }, node("h3", {}, title), node("ul", {}, ...lines));
}

function parties(live) {
  const clis = live.clis.map((cli) => {
    const end = cli.exit === null ? "runs" : cli.killed ? "killed by the harness" : `exit status ${cli.exit}`;
    return node("li", {}, `${cli.label}: ${end} `, ...(cli.session ? [node("code", {}, cli.session)] : []));
  });
  const { connections, stopped } = live.server;
  const server = node("li", {}, stopped === null ? amount(connections, "connection") : `stopped: ${stopped}`);
  const rooms = live.rooms.map((room) =>
    node("li", room.is_emitted_to && !room.members.length ? { class: "bad" } : {}, node("code", {}, room.room), ` ${room.members.length ? room.members.join(", ") : "no members"}${room.is_emitted_to ? "; events go here" : ""}`));
  const boards = live.dashboards.map((board) => {
    const counts = Object.entries(board.at).map(([label, count]) => `${label} ${number(count)}`).join(", ");
    const owed = board.owed === null ? "" : ` of ${number(board.owed)} owed`;
    return node("li", {}, node("b", {}, `${board.label}: `), node("span", { class: board.connected ? "good" : "soft" }, board.connected ? "connected" : "not connected"),
      board.status === null ? "" : ` (says “${board.status}”)`, node("br"), counts + owed,
      board.counter === null ? "" : `; its counter shows ${number(board.counter)}${board.own ? `, with ${number(board.own)} of its connection's own` : ""}`);
  });
  return [party("CLI", ...clis), party("Server", server), party("Rooms", ...rooms), party("Dashboards", ...boards)];
}

function eventRow(event, isOver) {
  const reached = (page) => {
    if (page.done) return node("td", { class: "good" }, `✓ ${page.at}`);
    if (!page.owed) return node("td", { class: "soft" }, page.at === null ? "not owed" : page.at);
    return node("td", { class: isOver ? "bad" : "waits" }, `${isOver ? "✗" : "…"} ${page.at === null ? "not there" : page.at}`);
  };
  return node("tr", {}, node("th", { scope: "row", class: "event-name" }, `${event.seq === null ? "" : `${event.seq} `}${event.name}`, ...(event.by ? [" ", node("span", { class: "by" }, event.by)] : [])),
    node("td", {}, event.at === null ? "–" : event.at), ...event.pages.map(reached), node("td", { class: "said" }, event.data));
}

function drawEvents(live) {
  const isOver = live.verdict !== null;
  head("events", ["Event"], ["CLI and server"], ...live.dashboards.map((board) => [`Dashboard ${board.label}`]), ["What it said", "said"]);
  const latest = [...live.events].reverse();
  drawBody("events", [latest, isOver], () => latest.map((event) => eventRow(event, isOver)));
  const many = live.total > latest.length ? `, the latest ${number(latest.length)} of which are listed` : "";
  at("count").textContent = live.total === 0 ? "none yet" : amount(live.total, "event") + many;
}

function head(id, ...titles) {
  const key = `${id} head`, text = JSON.stringify(titles);
  if (drawn.get(key) === text) return;
  drawn.set(key, text);
  at(id).tHead.replaceChildren(node("tr", {}, ...titles.map(([title, name]) => node("th", { scope: "col", class: name || "" }, title))));
}

function drawBody(id, data, make) {
  const key = `${id} body`, text = JSON.stringify(data);
  if (drawn.get(key) === text) return;
  drawn.set(key, text);
  at(id).tBodies[0].replaceChildren(...make());
}

function drawRuns(runs) {
  at("runs").hidden = runs.length === 0;
  if (runs.length === 0) return;
  head("runs-table", ["Run"], ["Verdict"], ...runs[0].hops.map((step) => [step.label, "n"]), ["Cause"]);
  drawBody("runs-table", runs, () => runs.map((run) =>
    node("tr", {}, node("th", { scope: "row" }, report(run.name, run.strategy)),
      node("td", { class: { passed: "good", failed: "bad" }[run.verdict] || "" }, `${SIGNS[run.verdict]} ${run.verdict}`),
      ...run.hops.map((step) => node("td", { class: `n${step.state === "broken" ? " bad" : ""}` }, `${number(step.count)}${step.state === "broken" ? " ✗" : ""}`)),
      node("td", {}, run.cause || "–"))));
}

// Since when something waits is counted here, from what was told last.
let stuck = [], heardAt = 0, isOver = true;
function drawStuck() {
  const passed = (performance.now() - heardAt) / 1000;
  at("stuck").hidden = isOver || stuck.length === 0;
  if (at("stuck").hidden) return;
  at("stuck-list").replaceChildren(...stuck.slice(0, 12).map((each) =>
    node("li", { class: "waits" }, `${each.seq === null ? "" : `${each.seq} `}${each.name}${each.dashboard === null ? "" : ` for dashboard ${each.dashboard}`}: ${each.after}, not ${each.before} for ${(each.since_s + passed).toFixed(1)} s`)));
}

function show({ live, runner, runs }) {
  drawHead(live, runner);
  drawControls(runner);
  drawRuns(runs);
  if (live === null) return;
  isOver = live.verdict !== null;
  draw("path", live.path, () => live.path.map(hop));
  at("counted").hidden = live.sessions < 2 || live.session === null;
  at("counted").textContent = `Counted are the events of session ${live.session}; the whole run has ${amount(live.total, "event")} of ${amount(live.sessions, "session")}.`;
  at("cause").hidden = live.cause === null;
  if (live.cause !== null) {
    draw("cause", [live.cause, isOver], () => [node("h2", { id: "cause-title", class: "quiet" }, "Cause and remedy"), cause(live.cause, isOver)]);
  }
  draw("parties", [live.clis, live.server, live.rooms, live.dashboards], () => parties(live));
  drawEvents(live);
  stuck = live.stuck;
  heardAt = performance.now();
  drawStuck();
}

async function ask(path, body) {
  const answer = await fetch(path, { method: "POST", headers: { "X-Harness-Watch": "1" }, body: JSON.stringify(body) });
  if (!answer.ok) at("step").textContent = await answer.text();
}

at("controls").addEventListener("submit", (event) => {
  event.preventDefault();
  const chosen = at("strategy").value;
  const all = [...at("strategy").options].map((option) => option.value).filter((name) => name !== "all");
  ask("/run", { strategies: chosen === "all" ? all : [chosen] });
});
at("follow").addEventListener("change", () => ask("/follow", { follow: at("follow").checked }));
setInterval(drawStuck, 200);

const news = new EventSource("/news");
news.addEventListener("message", (message) => {
  document.documentElement.classList.remove("gone-page");
  show(JSON.parse(message.data));
});
news.addEventListener("error", () => {
  document.documentElement.classList.add("gone-page");
  at("step").textContent = "harness watch has ended, or can't be reached";
});
