"""A system with several arguments, one kind of frame, and pages without a list or all on a canvas; its producer prints
nothing, is a person at a page, or sends HTTP requests.

A sample of its forms; all with HARNESS_SYSTEMS=all (`make test-systems`).
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from harness.judging import Judged
from harness.model import Answer, Hop, Kind
from harness.reporting import sentences
from harness.target.file import load
from tests.support.verified import verified

CLINIC = Path(__file__).parents[2] / "fixtures" / "targets" / "clinic"
IS_WHOLE = os.environ.get("HARNESS_SYSTEMS") == "all"
BLIND = None
WHOLE = (
    ("desk", (BLIND, 4, 4, 4, 4, BLIND, BLIND)),
    ("canvas", (BLIND, 6, 6, 6, 6, BLIND, BLIND)),
    ("rows", (BLIND, 6, 6, 6, 6, BLIND, 6)),
    ("http", (4, BLIND, BLIND, 4, 4, BLIND, BLIND)),
)
BROKEN = (
    ("broken/falsifies", Kind.CORRUPTED, (Hop.ROUTED,), "payload"),
    ("broken/lobby_deaf", Kind.LOST, (Hop.ROUTED,), "in namespace '/', and dashboard lobby is not in it"),
    ("broken/lobby_wrong", Kind.MISRENDERED, (Hop.APPLIED, Hop.RENDERED), "panel told shows told"),
    ("broken/short_log", Kind.LOST, (Hop.APPLIED, Hop.RENDERED), "only on dashboard log"),
    ("broken/never_moves", Kind.LOST, (Hop.ROUTED,), "never emits"),
    ("broken/never_moves_http", Kind.LOST, (Hop.SENT, Hop.RECEIVED, Hop.ROUTED), "no rule explains"),
)

pytestmark = pytest.mark.slow


def judged(form: str) -> Judged:
    target = load(CLINIC / f"{form}.toml")
    return verified(target)


@pytest.mark.parametrize(
    ("form", "hops"),
    [
        ("target", (BLIND, 6, 6, 6, 6, BLIND, BLIND)),
        ("pages", (BLIND, 6, 6, 6, 6, BLIND, 6)),
        *(WHOLE if IS_WHOLE else ()),
    ],
)
def test_a_healthy_clinic_passes(form: str, hops: tuple[int | None, ...]) -> None:
    verdict = judged(form).verdict
    assert verdict.answer is Answer.PASSED, (sentences.verdict(verdict), verdict.unknowns)
    assert verdict.hops == dict(zip(Hop, hops, strict=True))
    notes = {each.prop: each.note for each in verdict.properties}
    assert notes["P1"].startswith("as far as delivered") == (hops[-1] is BLIND or form == "pages")


@pytest.mark.parametrize(
    ("form", "kind", "hops", "said"),
    [
        ("broken/gossips", Kind.LEAKED, (Hop.ROUTED,), "the emit names no room"),
        ("broken/keeps", Kind.MISRENDERED, (Hop.APPLIED, Hop.RENDERED), "'Grace Hopper' not as its events say"),
        *(BROKEN if IS_WHOLE else ()),
    ],
)
def test_a_broken_clinic_is_blamed_on_the_right_hop(form: str, kind: Kind, hops: tuple[Hop, ...], said: str) -> None:
    verdict = judged(form).verdict
    blame = verdict.blame[0]
    assert (verdict.answer, blame.hops) == (Answer.FAILED, hops), sentences.verdict(verdict)
    assert {each.kind for each in blame.explains} == {kind}
    assert said in sentences.verdict(verdict)
