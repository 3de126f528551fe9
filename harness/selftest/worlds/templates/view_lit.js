// The page with lit-html's templates.

import { html, nothing, render } from "lit-html";

const line = (row) => html`<li data-kind=${row.kind} data-shift=${row.shift ?? ""} data-n=${row.n ?? ""}>${row.text}</li>`;

function list(shown) {
  if (shown.view === "table") {
    const cells = (row) => html`<tr>${row.cells.map((cell) => html`<td>${cell}</td>`)}</tr>`;
    return html`<table><tbody id="list">${shown.rows.map(cells)}</tbody></table>`;
  }
  if (shown.view === "counter") return nothing;
  if (shown.view === "text") return html`<ol id="list">${shown.rows.map((row) => html`<li>${row.text}</li>`)}</ol>`;
  const note = shown.view === "window" ? html`<p id="note">${shown.note}</p>` : nothing;
  return html`${note}<ol id="list">${shown.rows.map(line)}</ol>`;
}

const house = (shown) => html`
  <p>The house is <strong id="status">${shown.connection}</strong></p>
  <p><span id="count">${shown.count}</span> so far</p>
  ${shown.panels.map(({ name, number }) => html`<section id="panel-${name}"><h2>${name}</h2><b>${number}</b></section>`)}
  ${list(shown)}
`;

export function mount(root, model, subscribe) {
  const draw = () => render(house(model()), root);
  subscribe(draw);
  draw();
}
