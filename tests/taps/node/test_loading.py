"""Whichever way a program gets the libraries, the agent is there before them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.node_programs import observe

USE = 'const one = io("http://127.0.0.1:9", { autoConnect: false });\none.emit("kept", 1);\n'
IMPORT = f'import {{ io }} from "socket.io-client";\n{USE}'
LATER = f'import("socket.io-client").then(({{ io }}) => {{\n{USE}}});\n'

WAYS = {
    "a file of no type with the words of an ES module": ("js", IMPORT, {}),
    "an import later": ("cjs", LATER, {}),
    "an import in a file that the program requires": ("cjs", 'require("./lib/second.js");', {"lib/second.js": LATER}),
    "an ES module imported by such a file": (
        "js",
        'require("./second.js");',
        {"second.js": 'import("./third.mjs");', "third.mjs": IMPORT},
    ),
    "a package's type": ("js", IMPORT, {"package.json": '{"type": "module"}'}),
}


@pytest.mark.parametrize("way", list(WAYS))
def test_the_client_library_is_found(tmp_path: Path, way: str) -> None:
    kind, source, files = WAYS[way]
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    recorded = observe(source, tmp_path, kind, "client")
    assert recorded.done.returncode == 0, recorded.done.stderr
    assert recorded.one("send_failed", event="kept")["error"] == "kept for a connection that never came"


def of_engine_3(folder: Path, library: str) -> None:
    """A library as socket.io 2 lays it out."""
    package = folder / "old" / "node_modules" / library
    (package / "lib").mkdir(parents=True)
    (package / "package.json").write_text('{"name": "of old", "version": "2.5.1", "main": "lib/index.js"}')
    (package / "lib" / "index.js").write_text("\n/**\n * Exports.\n */\nmodule.exports = (x) => 2 * x;\n")
    (folder / "old" / "use.js").write_text(f'module.exports = require("{library}");\n')


@pytest.mark.parametrize(
    ("role", "library", "is_told"),
    [("server", "socket.io", True), ("client", "socket.io-client", True), ("server", "socket.io-client", False)],
)
def test_a_library_of_another_protocol_is_told_and_left_as_it_is(
    tmp_path: Path, role: str, library: str, is_told: bool
) -> None:
    """What a server has as a client of others says nothing of its own hops."""
    of_engine_3(tmp_path, library)
    recorded = observe('process.exit(require("./old/use.js")(21));', tmp_path, "cjs", role)
    assert (recorded.done.returncode, recorded.done.stderr) == (42, "")
    told = [(each["library"], each["version"], each["protocol"]) for each in recorded.of("unread")]
    assert told == ([(library, "2.5.1", 3)] if is_told else [])
