// The page with React 18, whose scripts are plain ones.

const script = (source) =>
  new Promise((loaded) => document.head.append(Object.assign(document.createElement("script"), { src: source, onload: loaded })));
await script("/modules/react.js");
await script("/modules/react-dom.js");
const { React, ReactDOM } = window;
const h = React.createElement;
const data = (row) => ({ "data-kind": row.kind, "data-shift": row.shift ?? "", "data-n": row.n ?? "" });

function List({ shown }) {
  if (shown.view === "table") {
    const line = (row) => h("tr", { key: row.key }, row.cells.map((cell, place) => h("td", { key: place }, cell)));
    return h("table", null, h("tbody", { id: "list" }, shown.rows.map(line)));
  }
  if (shown.view === "counter") return null;
  const line = (row) => h("li", { key: row.key, ...(shown.view === "text" ? {} : data(row)) }, row.text);
  const note = shown.view === "window" ? h("p", { id: "note" }, shown.note) : null;
  return h(React.Fragment, null, note, h("ol", { id: "list" }, shown.rows.map(line)));
}

export function mount(root, model, subscribe) {
  function House() {
    const [shown, setShown] = React.useState(model);
    React.useEffect(() => {
      subscribe(() => setShown(model()));
      setShown(model());
    }, []);
    return h(
      React.Fragment,
      null,
      h("p", null, "The house is ", h("strong", { id: "status" }, shown.connection)),
      h("p", null, h("span", { id: "count" }, shown.count), " so far"),
      shown.panels.map(({ name, number }) =>
        h("section", { key: name, id: `panel-${name}` }, h("h2", null, name), h("b", null, number)),
      ),
      h(List, { shown }),
    );
  }
  ReactDOM.createRoot(root).render(h(House));
}
