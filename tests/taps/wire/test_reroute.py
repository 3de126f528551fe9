"""Addresses written into a page: every way to ask the network goes to the proxy instead."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Mapping

import pytest

from harness.taps.wire.reroute import reroute_script

SURROUNDINGS = """
const asked = [];
class Socket { constructor(address) { asked.push(["WebSocket", String(address)]); } }
class Xhr { open(method, address) { asked.push([method, String(address)]); } }
class Nav { sendBeacon(address) { asked.push(["beacon", String(address)]); } }
globalThis.window = globalThis;
globalThis.document = { baseURI: "http://localhost:5000/board/" };
globalThis.WebSocket = Socket;
globalThis.XMLHttpRequest = Xhr;
globalThis.Navigator = Nav;
globalThis.fetch = (what) => asked.push(["fetch", String(what.url ?? what)]);
%s
const socket = new WebSocket("ws://localhost:5000/socket.io/?EIO=4");
new WebSocket("wss://elsewhere.example/x");
new XMLHttpRequest().open("GET", "/relative?a=b#c");
new XMLHttpRequest().open("POST", "http://localhost:5001/other");
new Nav().sendBeacon("http://localhost:5000/b");
fetch("http://localhost:5000/f");
fetch(new Request("http://localhost:5000/r", { method: "POST" }));
fetch("http://[broken");
console.log(JSON.stringify({ asked, is: socket instanceof WebSocket }));
"""


def test_what_a_page_asks_of_one_origin_is_asked_of_another() -> None:
    node = shutil.which("node")
    if node is None:
        pytest.skip("there is no node here; the same script is tried in the browser by the targets")
    program = SURROUNDINGS % reroute_script({"http://localhost:5000/": "http://127.0.0.1:41"})
    done = subprocess.run([node, "-e", program], capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 0, done.stderr
    told: Mapping[str, object] = json.loads(done.stdout)
    assert told["is"] is True
    assert told["asked"] == [
        ["WebSocket", "ws://127.0.0.1:41/socket.io/?EIO=4"],
        ["WebSocket", "wss://elsewhere.example/x"],
        ["GET", "http://127.0.0.1:41/relative?a=b#c"],
        ["POST", "http://localhost:5001/other"],
        ["beacon", "http://127.0.0.1:41/b"],
        ["fetch", "http://127.0.0.1:41/f"],
        ["fetch", "http://127.0.0.1:41/r"],
        ["fetch", "http://[broken"],
    ]
