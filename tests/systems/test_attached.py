"""Systems that run already: their files say where (`url`), and nothing of them is started or stopped.

A sample; all with HARNESS_SYSTEMS=all (`make test-systems`).
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from harness.judging import Judged
from harness.launch.ports import claimed_port
from harness.launch.processes import Child
from harness.model import Answer, Hop, Kind
from harness.reporting import sentences
from harness.target.file import load
from tests.support.verified import verified

TARGETS = Path(__file__).resolve().parents[2] / "fixtures" / "targets"
PATIENCE_S = 30.0

IS_WHOLE = os.environ.get("HARNESS_SYSTEMS") == "all"

pytestmark = pytest.mark.slow


@contextmanager
def started(folder: Path, name: str, *argv: str, ready: str | None, **env: str) -> Iterator[Child]:
    """A process that is not the harness's, once it has printed a line where one is named."""
    child = Child(name, argv, log=folder / f"{name}.log", cwd=folder, env={**os.environ, **env})
    try:
        if ready is not None:
            child.wait_line(ready, PATIENCE_S)
        yield child
    finally:
        child.stop()


@contextmanager
def kitchen(folder: Path, *options: str) -> Iterator[str]:
    """The orders' server on Node, and its address."""
    argv = ("node", *options, str(TARGETS / "node" / "server.js"))
    with started(folder, "kitchen", *argv, ready=r"orders on", PORT="0") as server:
        yield server.wait_line(r"orders on (?P<url>\S+)", PATIENCE_S)["url"]


def attached(folder: Path, system: str, url: str, more: str = "") -> Judged:
    file = folder / "attached.toml"
    text = f'extends = "{TARGETS / system}.toml"\nname = "attached"\n[process.server]\nurl = "{url}"\n{more}'
    file.write_text(text, "utf-8")
    target = load(file)
    return verified(target)


def test_a_server_that_runs_already_is_verified_while_others_use_it(tmp_path: Path) -> None:
    """A neighbour's orders come to the same pages all the time: they are not made up, and its shift need not end."""
    neighbour = ("node", str(TARGETS / "node" / "neighbour.js"))
    with kitchen(tmp_path) as url, started(tmp_path, "neighbour", *neighbour, url, ready="open"):
        found = attached(tmp_path, "node/target", url)
        verdict = found.verdict
        assert verdict.answer is Answer.PASSED, (sentences.verdict(verdict), verdict.outcomes, verdict.unknowns)
        assert verdict.hops == dict(zip(Hop, (10, 10, 10, None, 10, None, 10), strict=True))
        others = [key for key in found.evidence.events if found.evidence.is_others(key)]
        assert others, "the neighbour was heard"
        assert found.evidence.contract.shared


@pytest.mark.skipif(not IS_WHOLE, reason="one of the forms that only `make test-systems` tries")
def test_a_server_that_runs_already_and_loses_events_fails(tmp_path: Path) -> None:
    broken = str(TARGETS / "node" / "broken" / "nobody_in_room.mjs")
    with kitchen(tmp_path, "--import", broken) as url:
        verdict = attached(tmp_path, "node/target", url).verdict
    assert verdict.answer is Answer.FAILED
    assert {each.kind for each in verdict.outcomes} == {Kind.LOST}
    assert verdict.blame[0].hops == (Hop.ROUTED, Hop.DELIVERED), "who is resolved is not seen from outside"


@pytest.mark.skipif(not IS_WHOLE, reason="one of the forms that only `make test-systems` tries")
def test_a_server_that_runs_already_may_be_unobserved(tmp_path: Path) -> None:
    """Its events have no sessions: what nobody of the run reported would be unknown, and there is none."""
    server = (sys.executable, str(TARGETS / "aiohttp" / "server.py"))
    with claimed_port() as port, started(tmp_path, "greenhouse", *server, ready=None, PORT=str(port)):
        found = attached(tmp_path, "aiohttp/target", f"http://127.0.0.1:{port}", 'seen_by = "nobody"\n')
    assert found.verdict.answer is Answer.PASSED, (sentences.verdict(found.verdict), found.verdict.unknowns)
    assert found.verdict.hops == dict(zip(Hop, (8, 8, None, None, 8, None, 8), strict=True))
