// What people do on the page: filter, choose an event, slide before over after, print.

const form = document.querySelector("form.filters");
const diagram = new Diagram(document.getElementById("diagram"));
const table = new EventTable(document.getElementById("table"), document.getElementById("detail"));

function field(id) {
  const found = document.getElementById(id);
  if (found === null) return "";
  return found.type === "checkbox" ? found.checked : found.value;
}

function apply() {
  const boards = [...form.querySelectorAll('[name="board"]:checked')].map((box) => Number(box.value));
  const find = field("find").trim().toLowerCase(), type = field("type"), session = field("session"), wrong = field("wrong");
  const shown = EVENTS.filter((event) =>
    (!find || event.name.toLowerCase().includes(find) || String(event.seq) === find) &&
    (type === "" || event.kind === Number(type)) &&
    (session === "" || event.session === Number(session)) &&
    (!wrong || isWrong(event, boards)));
  const bad = shown.filter((event) => isWrong(event, boards)).length;
  const of = shown.length < EVENTS.length ? ` of ${EVENTS.length.toLocaleString("en")}` : "";
  const many = `${shown.length.toLocaleString("en")}${of} ${EVENTS.length === 1 ? "event" : "events"}, ${bad.toLocaleString("en")} of them went wrong`;
  const none = `None of the ${EVENTS.length.toLocaleString("en")} events is let through by these filters.`;
  document.getElementById("found").textContent = shown.length === 0 && EVENTS.length > 0 ? none : many;
  diagram.show(shown, boards);
  table.show(shown, boards);
}

table.onChoice = (event) => {
  diagram.chosen = event;
  diagram.list.refresh();
};

form.hidden = false;
form.addEventListener("input", apply);
form.addEventListener("submit", (event) => event.preventDefault());
apply();

for (const slider of document.querySelectorAll(".slider")) {
  const input = slider.querySelector('[type="range"]'), stack = slider.querySelector(".stack");
  const slide = () => stack.style.setProperty("--at", `${input.value}%`);
  slider.classList.add("live");
  input.addEventListener("input", slide);
  slide();
}

function print(isPrinted) {
  diagram.list.print(isPrinted);
  table.list.print(isPrinted);
  if (isPrinted) for (const each of document.querySelectorAll("details")) each.open = true;
}

addEventListener("beforeprint", () => print(true));
addEventListener("afterprint", () => print(false));
matchMedia("print").addEventListener("change", ({ matches }) => print(matches));
