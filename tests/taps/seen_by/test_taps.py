"""The taps of processes are told apart in one place, and each says as data what it sees."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.model import Hop
from harness.taps.seen_by import taps
from harness.target.process import SeenBy, TargetError
from harness.target.reference import reference
from tests.support.branches import branches

ROOT = Path(__file__).resolve().parents[3]


@pytest.mark.parametrize(
    "line", ["x == 'agent'", "'proxy' in (a, b)", "{'nobody': 1}[x]", "match x:\n case 'agent': 1"]
)
def test_a_branch_on_a_tap_s_name_is_found(line: str) -> None:
    assert len([*branches(line, taps())]) == 1


def test_only_the_taps_themselves_know_their_names() -> None:
    """Worlds write target files and know by themselves what those mean: their truth is independent of the taps."""
    files = (path for path in (ROOT / "harness").rglob("*.py") if not {"seen_by", "worlds"} & {*path.parts})
    assert [f"{path}:{line}" for path in files for line in branches(path.read_text("utf-8"), taps())] == []


@pytest.mark.parametrize(
    ("server", "cli", "blind"),
    [
        ("agent", "agent", set()),
        ("agent", "nobody", {Hop.SENT}),
        ("proxy", "proxy", {Hop.ROUTED}),
        ("proxy", "nobody", {Hop.SENT, Hop.ROUTED}),
        ("nobody", "agent", {Hop.RECEIVED, Hop.ROUTED}),
        ("nobody", "nobody", {Hop.SENT, Hop.RECEIVED, Hop.ROUTED}),
    ],
)
def test_a_hop_without_a_tap_is_blind(server: str, cli: str, blind: set[Hop]) -> None:
    assert {*Hop} - {*reference().taps_seen_by(SeenBy(server, cli))} == blind


def test_a_tap_that_is_not_there_is_named_with_those_that_are() -> None:
    with pytest.raises(TargetError, match=r"there is no tap 'spy'; there is agent, nobody, proxy"):
        _ = SeenBy("spy").server_tap
