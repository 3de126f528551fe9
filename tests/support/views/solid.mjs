// A list of events by Solid, deferred: it is drawn when the browser has time, and each change by itself.

import { createDeferred, createSignal, For } from "solid-js";
import h from "solid-js/h";
import { render } from "solid-js/web";

function Board() {
  const [events, setEvents] = createSignal([]);
  const [isConnected, setConnected] = createSignal(false);
  window.connect(setConnected, (event) => setEvents((before) => [...before, event]));
  const drawn = window.isLate ? createDeferred(events, { timeoutMs: 200 }) : events;
  const row = (event, index) => h("li", window.attributes(event, index()), event.name);
  return [
    h("p", { role: "status", "data-connection": () => (isConnected() ? "connected" : "connecting") }, "status"),
    h("p", { "data-testid": "event-count", "data-count": () => drawn().length }, () => drawn().length),
    h("ol", h(For, { each: drawn }, () => row)),
  ];
}

render(() => h(Board)(), document.getElementById("app"));
