// Lists the runs that the filters let through, so many at a time. Text is only ever set as text.

const DATA = JSON.parse(document.getElementById("data").textContent);
const RUNS = DATA.runs.map(([name, target, strategy, verdict, cause, bad, commit, hops, made, seconds, link]) => ({
  name, target, strategy, verdict, cause, bad, commit, hops, made, seconds, link, text: `${name} ${target} ${strategy} ${verdict} ${cause} ${bad} ${commit}`.toLowerCase(),
}));
const SIGNS = { passed: "✓ ", failed: "✗ ", unknown: "? " };
const AT_A_TIME = 100, IN_TREND = 100;
const at = (id) => document.getElementById(id);
const number = (count) => count.toLocaleString("en");

function node(tag, attributes, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes || {})) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

const FILTERS = ["verdict", "cause", "strategy", "target"];
for (const field of FILTERS) {
  const many = new Map();
  for (const run of RUNS) if (run[field]) many.set(run[field], (many.get(run[field]) || 0) + 1);
  const values = [...many].sort((a, b) => b[1] - a[1]);
  at(field).append(...values.map(([value, count]) => node("option", { value }, `${value} (${number(count)})`)));
}

function age(made) {
  const seconds = Math.max(0, DATA.now_s - made);
  for (const [unit, length] of [["day", 86400], ["hour", 3600], ["minute", 60]]) {
    const count = Math.floor(seconds / length);
    if (count >= 1) return `${count} ${unit}${count === 1 ? "" : "s"} ago`;
  }
  return "just now";
}

function row(run) {
  const name = run.name.split(/(?<=_)/).flatMap((part) => [part, node("wbr")]); // or it breaks in the middle of a number
  const title = run.link ? node("a", { href: run.link }, ...name) : node("span", {}, ...name);
  const tone = { passed: "good", failed: "bad" }[run.verdict] || "unknown-run";
  const when = new Date(run.made * 1000);
  return node("tr", {},
    node("td", { class: tone }, (SIGNS[run.verdict] || "– ") + run.verdict),
    node("th", { scope: "row" }, title),
    node("td", { class: "named" }, run.cause ? `${run.cause}${run.bad ? ` at ${run.bad}` : ""}` : ""),
    ...DATA.hops.map((label, hop) => {
      const count = run.hops[hop];
      const isBad = label === run.bad;
      return node("td", { class: `n hop-count${isBad ? " bad" : ""}` }, `${count === undefined ? "" : count === null ? "?" : number(count)}${isBad ? " ✗" : ""}`);
    }),
    node("td", {}, run.strategy), node("td", {}, run.target), node("td", { class: "commit" }, run.commit),
    node("td", {}, node("time", { datetime: when.toISOString(), title: when.toLocaleString() }, age(run.made))),
    node("td", { class: "n took" }, run.seconds ? `${run.seconds.toFixed(1)} s` : ""));
}

let shown = [], listed = 0;

function more() {
  at("runs").tBodies[0].append(...shown.slice(listed, listed + AT_A_TIME).map(row));
  listed = Math.min(listed + AT_A_TIME, shown.length);
  at("more").hidden = listed >= shown.length;
  at("more").textContent = `Show ${number(Math.min(AT_A_TIME, shown.length - listed))} more of ${number(shown.length - listed)}`;
}

function trend() {
  const latest = shown.slice(0, IN_TREND), before = shown.slice(IN_TREND, 2 * IN_TREND);
  at("trend").replaceChildren(...[...latest].reverse().map((run) => node("span", { class: run.verdict })));
  const share = (runs) => `${runs.filter((run) => run.verdict === "passed").length} of ${runs.length} passed`;
  at("trend-said").textContent = latest.length === 0 ? "" : `Of the latest, ${share(latest)}${before.length ? `; of those before, ${share(before)}` : ""}.`;
}

function apply() {
  const find = at("find").value.trim().toLowerCase();
  const wanted = FILTERS.map((field) => [field, at(field).value]).filter(([, value]) => value);
  shown = RUNS.filter((run) => run.text.includes(find) && wanted.every(([field, value]) => run[field] === value));
  listed = 0;
  at("runs").tBodies[0].replaceChildren();
  at("runs").hidden = shown.length === 0;
  at("none").hidden = shown.length > 0 || RUNS.length === 0;
  const of = shown.length < RUNS.length ? `${number(shown.length)} of ` : "";
  at("count").textContent = RUNS.length ? `${of}${number(RUNS.length)} run${RUNS.length === 1 ? "" : "s"}` : "No run yet";
  more();
  trend();
}

at("runs").tHead.append(node("tr", {}, ...[["Verdict"], ["Run"], ["Cause"], ...DATA.hops.map((label) => [label, "n hop-count"]), ["Strategy"], ["Target"], ["Commit"], ["Made"], ["Took", "n took"]]
  .map(([title, name]) => node("th", { scope: "col", class: name || "" }, title))));
at("filters").addEventListener("input", apply);
at("filters").addEventListener("submit", (event) => event.preventDefault());
at("more").addEventListener("click", more);
at("reset").addEventListener("click", () => { at("filters").reset(); apply(); });
apply();
