// The page with Preact.

import { h, render } from "preact";

const data = (row) => ({ "data-kind": row.kind, "data-shift": row.shift ?? "", "data-n": row.n ?? "" });

function List({ shown }) {
  if (shown.view === "table") {
    const line = (row) => h("tr", { key: row.key }, row.cells.map((cell, place) => h("td", { key: place }, cell)));
    return h("table", {}, h("tbody", { id: "list" }, shown.rows.map(line)));
  }
  if (shown.view === "counter") return null;
  const line = (row) => h("li", { key: row.key, ...(shown.view === "text" ? {} : data(row)) }, row.text);
  const note = shown.view === "window" ? h("p", { id: "note" }, shown.note) : null;
  return h("div", {}, note, h("ol", { id: "list" }, shown.rows.map(line)));
}

function House({ shown }) {
  return h(
    "div",
    {},
    h("p", {}, "The house is ", h("strong", { id: "status" }, shown.connection)),
    h("p", {}, h("span", { id: "count" }, shown.count), " so far"),
    shown.panels.map(({ name, number }) =>
      h("section", { key: name, id: `panel-${name}` }, h("h2", {}, name), h("b", {}, number)),
    ),
    h(List, { shown }),
  );
}

export function mount(root, model, subscribe) {
  const draw = () => render(h(House, { shown: model() }), root);
  subscribe(draw);
  draw();
}
