"""Runs on paper of two other systems in which a test has events emitted twice, and who is blamed for that."""

from __future__ import annotations

from typing import Any

import pytest

from harness.diagnosis import verdict_of
from harness.model import Hop, Kind
from tests.support.ledgers import Story
from tests.support.other_systems import CYCLES, STOCK

BLIND: dict[str, Any] = {"taps": tuple(hop for hop in Hop if hop is not Hop.APPLIED), "terminal": ("day:closed",)}
SYSTEMS = {
    "warehouse": (STOCK, {**BLIND, "terminal_ok": ("day:closed",)}),
    "floor": (CYCLES, {"terminal": (), "terminal_ok": ()}),
}
EACH = pytest.mark.parametrize("target", SYSTEMS)


def begun(target: str, **changes: Any) -> Story:
    """Two dashboards, and the first two events; `changes` are of the contract."""
    names, contract = SYSTEMS[target]
    story = Story("broadcast", target=target, declared=(), **{**contract, **changes}).open("A", "B").start("main")
    return story.emit("main", *names[:2])


def blamed(target: str, story: Story) -> list[tuple[str, Hop | None]]:
    """Cause and hop of what explains the second coming, when all events have come."""
    verdict = verdict_of(story.emit("main", *SYSTEMS[target][0][2:]).end("main").ledger())
    return [(blame.cause, blame.hop) for blame in verdict.blame if Kind.DUPLICATED in {o.kind for o in blame.explains}]
