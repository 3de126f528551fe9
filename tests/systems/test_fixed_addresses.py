"""A system whose ports are fixed and whose addresses are written into its page and its producer, through the proxy."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from harness.judging import Judged
from harness.launch.ports import claimed_port
from harness.model import Answer, Hop
from harness.model.facts import Connected
from harness.reporting import sentences
from harness.target.file import load
from harness.target.process import TargetError
from tests.support.verified import verified

NODE = Path(__file__).resolve().parents[2] / "fixtures" / "targets" / "node"

WRITTEN_IN = """\
import {{ edit }} from "{node}/broken/edit.mjs";
edit("page.js", "window.io()", 'window.io("http://localhost:{written}")');
"""
TARGET = """\
extends = "{node}/target.toml"
name = "fixed"
cli.command = ["node", "producer.js", "http://localhost:{written}"]
cli.port = {written}
cli.seen_by = "proxy"
page.reroute = ["http://localhost:{written}"]

[process.server]
command = ["node", "--import", "{folder}/written_in.mjs", "server.js"]
port = {port}
seen_by = "proxy"
"""

pytestmark = pytest.mark.slow


@pytest.fixture
def ports() -> Iterator[dict[str, int]]:
    with claimed_port() as port, claimed_port() as written:
        yield {"port": port, "written": written}


def fixed(folder: Path, ports: Mapping[str, int], **edits: str) -> Path:
    """The target file of the system on Node with everything fixed: its own port, and another that is written down."""
    (folder / "written_in.mjs").write_text(WRITTEN_IN.format(node=NODE, **ports), "utf-8")
    text = TARGET.format(node=NODE, folder=folder, **ports)
    for before, after in edits.items():
        text = text.replace(before, after)
    path = folder / "target.toml"
    path.write_text(text, "utf-8")
    return path


def judged(path: Path) -> Judged:
    return verified(load(path), ["broadcast"])


def test_fixed_ports_and_written_addresses_are_led_through_the_proxy(tmp_path: Path, ports: Mapping[str, int]) -> None:
    found = judged(fixed(tmp_path, ports))
    assert found.verdict.answer is Answer.PASSED, (sentences.verdict(found.verdict), found.verdict.unknowns)
    assert found.verdict.hops == {**dict.fromkeys(Hop, 10), Hop.ROUTED: None, Hop.APPLIED: None}
    known = {fact.body.sid for fact in found.evidence.facts(Connected)}
    assert set(found.evidence.sids) < known, "the proxy saw the pages come, and the producer beside them"


def test_a_page_that_is_not_rerouted_does_not_reach_the_server(tmp_path: Path, ports: Mapping[str, int]) -> None:
    """What the first test shows is the rerouting's doing: a page from elsewhere may not ask the written address."""
    path = fixed(tmp_path, ports, reroute="open", **{'["http://localhost': '[] # ["http://localhost'})
    path.write_text(f"{path.read_text('utf-8')}\n[bounds]\nrun_s = 2\n", "utf-8")  # it is waited for in vain
    found = judged(path)
    assert found.verdict.answer is not Answer.PASSED and not found.evidence.sids


def test_a_port_that_is_taken_is_told_before_anything_starts(tmp_path: Path, ports: Mapping[str, int]) -> None:
    import socket

    path = fixed(tmp_path, ports)
    port = load(path).cli_port
    assert port is not None
    with socket.create_server(("127.0.0.1", port)), pytest.raises(TargetError, match=f"port {port}, .* the producer"):
        judged(path)
