"""Every cause is named from its story alone, at its hop and before all others; a story without it names nothing."""

from __future__ import annotations

import pytest

from harness.diagnosis import rules
from tests.support.causes import CAUSES, told
from tests.support.first_causes import STORIES


@pytest.mark.parametrize("cause", CAUSES)
def test_a_cause_is_named_first_and_alone(cause: str) -> None:
    hop, story = CAUSES[cause]
    verdict = story().verdict()
    assert {(blame.cause, hop in blame.hops) for blame in verdict.blame} == {(cause, True)}


@pytest.mark.parametrize("promised", ["broadcast", "single-session"])
def test_a_healthy_story_passes(promised: str) -> None:
    assert told(promised).verdict().blame == ()


def test_every_rule_has_a_story_or_a_test_of_its_own() -> None:
    assert {*rules()} - {*STORIES} == set()
