"""A healthy run of each strategy passes, with every property of it proven."""

from __future__ import annotations

import pytest

from harness.judge.properties import TITLES
from harness.model import Answer, Hop, Kind, Standing
from harness.reporting import sentences
from tests.support.stories import STORIES

COMMON = {f"P{number}" for number in range(1, 17)} - {"P6", "P7"}


@pytest.mark.parametrize("name", STORIES)
def test_a_healthy_run_passes_with_every_property_proven(name: str) -> None:
    tell, own = STORIES[name]
    verdict = tell().verdict()
    standings = {result.prop: result.standing for result in verdict.properties}
    assert verdict.answer is Answer.PASSED, (sentences.verdict(verdict), verdict.unknowns, verdict.outcomes[:5])
    assert {prop for prop in COMMON | own if standings[prop] is not Standing.PROVEN} == set()
    assert verdict.hops == dict.fromkeys(Hop, 5)
    assert {outcome.kind for outcome in verdict.outcomes} == {Kind.DELIVERED}
    assert verdict.blame == ()
    assert verdict.confidence == "fence"
    assert set(standings) <= set(TITLES)
