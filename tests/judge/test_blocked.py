"""A workload that a bug blocks: the step is named, what came by then is judged, and the run never passes."""

from __future__ import annotations

from harness.model import Answer, Aspect, Hop
from harness.model.facts import StepBlocked
from harness.reporting import sentences
from tests.support.causes_in_clis import told as story
from tests.support.ledgers import Story

STEP, WHY = "two sessions start at once", "waited 20 s for an answer to each session:open"


def blocked(run: Story) -> Story:
    return run.fact(StepBlocked, "harness", step=STEP, why=WHY)


def test_a_run_that_stopped_at_a_step_is_unknown_and_names_it() -> None:
    verdict = blocked(story()).verdict()
    assert verdict.answer is Answer.UNKNOWN
    assert [each.finding.aspect for each in verdict.unknowns] == [Aspect.STEP_BLOCKED]
    [told] = sentences.unknowns(verdict)
    assert STEP in told and WHY in told


def test_what_was_lost_by_then_is_a_failure() -> None:
    verdict = blocked(story().lose("main/3", Hop.ROUTED, "A")).verdict()
    assert verdict.answer is Answer.FAILED
    assert Aspect.STEP_BLOCKED in {each.finding.aspect for each in verdict.unknowns}
