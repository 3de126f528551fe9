"""Bugs in foreign systems, played: each is failed at its hop and by its cause, as the record that is kept of it says.

A sample of them, on Node.js and in Python; all with HARNESS_FOREIGN_DEFECTS=all (`make foreign` keeps their records).
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from harness.model import Hop
from harness.reporting import sentences
from tests.support.foreign import bugs, played, twins

BUGS, TWINS = bugs(), twins()
SAMPLE = (
    "node-room-type", "node-handler-rejects", "node-last-five", "aiohttp-two-servers", "flask-listener-removed",
)  # fmt: skip
WELL = ("node-draws-by-a-clock",)
IS_WHOLE = os.environ.get("HARNESS_FOREIGN_DEFECTS") == "all"
CHOSEN = tuple(BUGS) if IS_WHOLE else SAMPLE

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("name", CHOSEN)
def test_a_bug_is_named(tmp_path: Path, name: str) -> None:
    verdict = played(BUGS[name], tmp_path).verdict
    assert BUGS[name].is_named_by(verdict), sentences.verdict(verdict)


@pytest.mark.parametrize("name", tuple(TWINS) if IS_WHOLE else WELL)
def test_what_only_looks_like_a_bug_passes(tmp_path: Path, name: str) -> None:
    verdict = played(TWINS[name], tmp_path).verdict
    assert TWINS[name].is_named_by(verdict), sentences.verdict(verdict)


def test_every_hop_of_a_node_server_has_bugs() -> None:
    mine = [bug for bug in BUGS.values() if bug.system == "node"]
    assert len(mine) >= 20
    assert {bug.first for bug in mine} >= {Hop.RECEIVED, Hop.ROUTED, Hop.DELIVERED}
