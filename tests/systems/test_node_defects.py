"""Bugs of a Node.js server, seen by the agent in it: each is failed at its hop and by its cause, as in Python.

A sample of them; all with HARNESS_NODE_DEFECTS=all (`make test-node`).
"""

from __future__ import annotations

import os
import shutil
import tomllib
from pathlib import Path

import pytest

from harness.model import Answer, Hop
from harness.reporting import sentences
from harness.target.file import load
from harness.verify import verify

SYSTEM = Path(__file__).parents[2] / "fixtures" / "targets" / "node"
DEFECTS = tomllib.loads((SYSTEM / "defects.toml").read_text("utf-8"))
SAMPLE = ("room-type", "handler-rejects", "volatile", "name-misspelt")
CHOSEN = tuple(DEFECTS) if os.environ.get("HARNESS_NODE_DEFECTS") == "all" else SAMPLE

pytestmark = pytest.mark.slow


@pytest.fixture
def system(tmp_path: Path) -> Path:
    """A copy of the system, beside its packages."""
    copy = tmp_path / "node"
    shutil.copytree(SYSTEM, copy)
    (tmp_path / "node_modules").symlink_to(SYSTEM.parent / "node_modules")
    (tmp_path / "package.json").write_text('{"type": "module"}')
    return copy


@pytest.mark.parametrize("name", CHOSEN)
def test_a_bug_of_the_server_is_named(system: Path, name: str) -> None:
    defect, server = DEFECTS[name], system / "server.js"
    right = server.read_text("utf-8")
    assert defect["right"] in right, "the edit has lost its place"
    server.write_text(right.replace(defect["right"], defect["wrong"], 1), "utf-8")
    target = load(system / "target.toml")
    [judged] = verify(target, target.strategies, lambda text: None)
    said = sentences.verdict(judged.verdict)
    assert judged.verdict.answer is Answer.FAILED, said
    first = judged.verdict.blame[0]
    assert (first.hop and first.hop.label, first.cause) == (defect["hop"], defect.get("cause", "unexplained")), said


def test_every_hop_of_the_server_has_bugs() -> None:
    assert len(DEFECTS) >= 20
    assert {each["hop"] for each in DEFECTS.values()} == {h.label for h in (Hop.RECEIVED, Hop.ROUTED, Hop.DELIVERED)}
