"""Addresses that are written into a page: its connections go to the server of the run, and nothing else changes.

The page keeps what it believes, and so does the tap in it: only where the browser connects is another place.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

SCRIPT = """(() => {
"use strict";
const routes = new Map(Object.entries(%s));
const rerouted = (address) => {
  let url;
  try { url = new URL(address, location.href); } catch { return address; }
  const isSocket = url.protocol === "ws:" || url.protocol === "wss:";
  const origin = isSocket ? url.origin.replace(/^ws/, "http") : url.origin;
  const to = routes.get(origin);
  if (to === undefined) return address;
  const target = new URL(to);
  url.protocol = isSocket ? target.protocol.replace("http", "ws") : target.protocol;
  url.host = target.host;
  return url.href;
};
const standIn = (owner, name, handler) => {
  const descriptor = Object.getOwnPropertyDescriptor(owner, name);
  Object.defineProperty(owner, name, { ...descriptor, value: new Proxy(descriptor.value, handler) });
};
standIn(window, "WebSocket", {
  construct: (target, [url, ...rest], self) => Reflect.construct(target, [rerouted(url), ...rest], self),
});
standIn(XMLHttpRequest.prototype, "open", {
  apply: (target, self, [method, url, ...rest]) => Reflect.apply(target, self, [method, rerouted(url), ...rest]),
});
standIn(window, "fetch", {
  apply: (target, self, [input, ...rest]) => {
    const asked = input instanceof Request ? new Request(rerouted(input.url), input) : rerouted(input);
    return Reflect.apply(target, self, [asked, ...rest]);
  },
});
standIn(window, "EventSource", {
  construct: (target, [url, ...rest], self) => Reflect.construct(target, [rerouted(url), ...rest], self),
});
})();
"""


def script(routes: Mapping[str, str]) -> str:
    """A script that leads origins (`http://localhost:3000`) elsewhere. It belongs in front of the page's tap."""
    return SCRIPT % json.dumps({origin.rstrip("/"): to for origin, to in routes.items()})
