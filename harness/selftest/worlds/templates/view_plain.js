// The page without a framework: makes its elements anew.

const element = (tag, attributes = {}, ...children) => {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
};
const data = (row) => ({ "data-kind": row.kind, "data-shift": row.shift ?? "", "data-n": row.n ?? "" });

function list(shown) {
  if (shown.view === "table") {
    const line = (row) => element("tr", {}, ...row.cells.map((cell) => element("td", {}, cell)));
    return [element("table", {}, element("tbody", { id: "list" }, ...shown.rows.map(line)))];
  }
  if (shown.view === "counter") return [];
  const line = (row) => element("li", shown.view === "text" ? {} : data(row), row.text);
  const lines = element("ol", { id: "list" }, ...shown.rows.map(line));
  return shown.view === "window" ? [element("p", { id: "note" }, shown.note), lines] : [lines];
}

export function mount(root, model, subscribe) {
  const draw = () => {
    const shown = model();
    root.replaceChildren(
      element("p", {}, "The house is ", element("strong", { id: "status" }, shown.connection)),
      element("p", {}, element("span", { id: "count" }, String(shown.count)), " so far"),
      ...shown.panels.map(({ name, number }) =>
        element("section", { id: `panel-${name}` }, element("h2", {}, name), element("b", {}, String(number))),
      ),
      ...list(shown),
    );
  };
  subscribe(draw);
  draw();
}
