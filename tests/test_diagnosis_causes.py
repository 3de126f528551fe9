"""Every cause is named from its story alone, at its hop and before all others; a story without it names nothing."""

from __future__ import annotations

import pytest

from tests.support.causes import CAUSES, told


@pytest.mark.parametrize("cause", CAUSES)
def test_a_cause_is_named_first_and_alone(cause: str) -> None:
    hop, story = CAUSES[cause]
    verdict = story().verdict()
    assert [(blame.cause, hop in blame.hops) for blame in verdict.blame] == [(cause, True)]


@pytest.mark.parametrize("promised", ["broadcast", "single-session"])
def test_a_healthy_story_passes(promised: str) -> None:
    assert told(promised).verdict().blame == ()
