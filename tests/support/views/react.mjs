// A list of events by React, in a transition: rows that take their time are drawn in slices, and committed at once.

import { createElement as h, startTransition, useEffect, useState } from "react";
import { createRoot } from "react-dom/client";

function Row({ event, index }) {
  for (const begun = performance.now(); window.isLate && performance.now() - begun < 2; );
  return h("li", window.attributes(event, index), event.name);
}

function Board() {
  const [events, setEvents] = useState([]);
  const [isConnected, setConnected] = useState(false);
  useEffect(() => {
    const draw = window.isLate ? startTransition : (work) => work();
    window.connect(setConnected, (event) => draw(() => setEvents((before) => [...before, event])));
  }, []);
  return [
    h("p", { key: "status", role: "status", "data-connection": isConnected ? "connected" : "connecting" }, "status"),
    h("p", { key: "count", "data-testid": "event-count", "data-count": events.length }, events.length),
    h("ol", { key: "rows" }, events.map((event, index) => h(Row, { key: index, event, index }))),
  ];
}

createRoot(document.getElementById("app")).render(h(Board));
