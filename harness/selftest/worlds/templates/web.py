"""What every server of this world answers over HTTP, whatever it is built with: page, scripts, diary, events."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs

from diary import keep_of_page
from settings import HERE, WORLD

MODULES = HERE / "node_modules"
SCRIPTS = {
    "/page.js": HERE / "page.js",
    "/view.js": HERE / f"view_{WORLD['page']}.js",
    "/modules/socket.io.js": MODULES / "socket.io-client/dist/socket.io.esm.min.js",
    "/modules/vue.js": MODULES / "vue/dist/vue.esm-browser.prod.js",
    "/modules/preact.js": MODULES / "preact/dist/preact.module.js",
    "/modules/lit-html.js": MODULES / "lit-html/lit-html.js",
    "/modules/react.js": MODULES / "react/umd/react.production.min.js",
    "/modules/react-dom.js": MODULES / "react-dom/umd/react-dom.production.min.js",
}

Answer = tuple[int, str, bytes]
"""Status, content type, body."""


def answer(method: str, path: str, query: str, body: bytes, publish: Callable[[str, list[Any]], bool]) -> Answer:
    """Answer a request. `publish` takes an event that came by HTTP, and says whether it knows its name."""
    if method == "POST" and path == "/diary":
        keep_of_page(parse_qs(query).get("page", ["unknown"])[0], body)
        return 204, "text/plain", b""
    if method == "POST" and path == "/publish":
        message = json.loads(body)
        is_known = publish(message["name"], message["arguments"])
        return (200, "application/json", b'{"ok":true}') if is_known else (404, "application/json", b'{"ok":false}')
    if path == "/":
        index = (HERE / "page.html").read_text("utf-8").replace("WORLD_OF_THE_PAGE", json.dumps(WORLD))
        return 200, "text/html; charset=utf-8", index.encode()
    if path in SCRIPTS:
        return 200, "text/javascript; charset=utf-8", SCRIPTS[path].read_bytes()
    return 404, "text/plain", b"not here"
