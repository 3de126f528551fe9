// A list of events by Vue: what came since the last frame is taken over with the next one.

import { createApp, h } from "vue";

const came = [];

createApp({
  data: () => ({ events: [], isConnected: false }),
  mounted() {
    window.connect(
      (isConnected) => (this.isConnected = isConnected),
      (event) => {
        if (!window.isLate) this.events.push(event);
        else if (came.push(event) === 1) requestAnimationFrame(() => this.events.push(...came.splice(0)));
      },
    );
  },
  render() {
    return [
      h("p", { role: "status", "data-connection": this.isConnected ? "connected" : "connecting" }, "status"),
      h("p", { "data-testid": "event-count", "data-count": this.events.length }, this.events.length),
      h("ol", this.events.map((event, index) => h("li", { key: index, ...window.attributes(event, index) }, event.name))),
    ];
  },
}).mount("#app");
