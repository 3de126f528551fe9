"""A page that a development server (Vite) serves: it transforms the page's modules and passes its Socket.IO on."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.model import Answer, Hop
from harness.model.facts import PageLoaded
from harness.reporting import sentences
from harness.target.file import load
from tests.support.verified import verified

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures"
NODE = FIXTURES / "targets" / "node"
MODULES = FIXTURES / "dashboard" / "node_modules"

CONFIG = """\
export default {
  cacheDir: "cache",
  server: { host: "127.0.0.1", proxy: { "/socket.io": { target: process.env.SERVER, ws: true } } },
};
"""
TARGET = """\
extends = "{node}/target.toml"
name = "orders-in-development"
page.url = "{{web}}/"
process.server.seen_by = "proxy"
cli.seen_by = "proxy"

[process.web]
command = ["node", "{vite}", "--port", "{{port}}", "--strictPort"]
folder = "{folder}"
env = {{ SERVER = "{{server}}", FORCE_COLOR = "1" }}
ready.log = 'Local:\\s+(?<url>\\S+)'
"""

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not (MODULES / "vite").is_dir(), reason="Vite is not installed here: make setup"),
]


def in_development(folder: Path) -> Path:
    """The page of the system on Node as a project of Vite, which takes the client from its modules."""
    html = (NODE / "page" / "index.html").read_text("utf-8")
    script = (NODE / "page" / "page.js").read_text("utf-8")
    (folder / "index.html").write_text(html.replace('<script src="/socket.io/socket.io.js"></script>', ""), "utf-8")
    (folder / "page.js").write_text(
        'import { io } from "socket.io-client";\n' + script.replace("window.io()", "io()"), "utf-8"
    )
    (folder / "vite.config.mjs").write_text(CONFIG, "utf-8")
    (folder / "node_modules").symlink_to(MODULES)
    path = folder / "target.toml"
    path.write_text(TARGET.format(node=NODE, vite=MODULES / "vite" / "bin" / "vite.js", folder=folder), "utf-8")
    return path


def test_a_page_of_a_development_server_is_verified_like_any_other(tmp_path: Path) -> None:
    target = load(in_development(tmp_path))
    judged = verified(target)
    assert judged.verdict.answer is Answer.PASSED, (sentences.verdict(judged.verdict), judged.verdict.unknowns)
    assert judged.verdict.hops == {**dict.fromkeys(Hop, 10), Hop.ROUTED: None, Hop.APPLIED: None}
    [log] = (judged.folder / "logs").glob("web*")
    assert "\x1b[" in log.read_text("utf-8"), "its output is coloured, and its address was found all the same"
    loaded = {fact.body.url for fact in judged.evidence.facts(PageLoaded)}
    assert all(url is not None and url.startswith("http://127.0.0.1:") for url in loaded)
