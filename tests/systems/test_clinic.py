"""A system with several arguments, one kind of frame, a silent producer, and pages without a list, or all on a canvas.

A sample of its forms; all with HARNESS_SYSTEMS=all (`make test-systems`).
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from harness.model import Answer, Hop, Kind
from harness.reporting import sentences
from harness.target.file import load
from harness.verify import Judged, verify

CLINIC = Path(__file__).parents[2] / "fixtures" / "targets" / "clinic"
IS_WHOLE = os.environ.get("HARNESS_SYSTEMS") == "all"
BLIND = None

pytestmark = pytest.mark.slow


def judged(form: str) -> Judged:
    target = load(CLINIC / f"{form}.toml")
    [found] = verify(target, target.strategies, lambda text: None)
    return found


@pytest.mark.parametrize(
    ("form", "rendered"), [("target", BLIND), *([("canvas", BLIND), ("rows", 6)] if IS_WHOLE else [])]
)
def test_a_healthy_clinic_passes(form: str, rendered: int | None) -> None:
    verdict = judged(form).verdict
    assert verdict.answer is Answer.PASSED, (sentences.verdict(verdict), verdict.unknowns)
    assert verdict.hops == dict(zip(Hop, (BLIND, 6, 6, 6, 6, BLIND, rendered), strict=True))
    notes = {each.prop: each.note for each in verdict.properties}
    assert notes["P1"].startswith("as far as delivered") == (rendered is BLIND)


@pytest.mark.parametrize(
    ("form", "kind", "hops", "said"),
    [
        ("broken/falsifies", Kind.CORRUPTED, (Hop.ROUTED,), "payload"),
        ("broken/keeps", Kind.MISRENDERED, (Hop.APPLIED, Hop.RENDERED), "'Grace Hopper' not as its events say"),
        *([("broken/never_moves", Kind.LOST, (Hop.ROUTED,), "never emits")] if IS_WHOLE else []),
    ],
)
def test_a_broken_clinic_is_blamed_on_the_right_hop(form: str, kind: Kind, hops: tuple[Hop, ...], said: str) -> None:
    verdict = judged(form).verdict
    blame = verdict.blame[0]
    assert (verdict.answer, blame.hops) == (Answer.FAILED, hops), sentences.verdict(verdict)
    assert {each.kind for each in blame.explains} == {kind}
    assert said in sentences.verdict(verdict)
