"""Several causes at once, none at all, and what no rule explains: each keeps its hop, and each outcome has a blame."""

from __future__ import annotations

from dataclasses import replace

import pytest

from harness.diagnosis import diagnose, verdict_of
from harness.judge.judge import judge, judge_evidence
from harness.model import Answer, Event, Hop, Kind
from harness.record.evidence import Evidence
from harness.reporting import sentences
from tests.support.first_causes import STORIES, causes, gone, mismatched, told, unacknowledged
from tests.support.ledgers import Story
from tests.support.records import at


def test_two_causes_at_once_are_both_named_that_of_the_first_hop_first() -> None:
    story = unacknowledged(mismatched("main/2", "main/3", "main/4"), "main/7")
    assert causes(story.verdict()) == [("exit-before-ack", Hop.RECEIVED), ("room-mismatch", Hop.ROUTED)]


def test_a_cause_and_something_unexplained_are_both_named_the_cause_first() -> None:
    story = unacknowledged(told(), "main/7")
    for key in ("main/2", "main/3", "main/4"):
        story.lose(key, Hop.DELIVERED, "A")
    found = causes(story.verdict())
    assert found[:2] == [("exit-before-ack", Hop.RECEIVED), ("unexplained", Hop.DELIVERED)]


@pytest.mark.parametrize("cause", STORIES)
def test_without_rules_the_hop_stays_right_and_the_cause_is_unexplained(cause: str) -> None:
    evidence = Evidence(STORIES[cause]().ledger())
    judged = judge_evidence(evidence)
    known, unknown = diagnose(evidence, judged), diagnose(evidence, judged, using={})
    assert known.blame[0].cause == cause
    assert {blame.cause for blame in unknown.blame} == {"unexplained"}
    assert known.blame[0].hop in {blame.hop for blame in unknown.blame}
    assert unknown.blame[0].remedy and unknown.blame[0].evidence


@pytest.mark.parametrize("cause", STORIES)
def test_every_failed_outcome_is_in_some_blame(cause: str) -> None:
    verdict = STORIES[cause]().verdict()
    failed = {o for o in verdict.outcomes if o.kind not in (Kind.DELIVERED, Kind.UNDETERMINED)}
    assert {outcome for blame in verdict.blame for outcome in blame.explains} == failed
    for blame in verdict.blame:
        assert sentences.line(blame.sentence).endswith(".") and blame.remedy and sentences.evidence(blame)


def test_a_passed_run_has_no_blame() -> None:
    ledger = told().ledger()
    assert verdict_of(ledger).blame == ()
    assert verdict_of(ledger).answer is Answer.PASSED
    assert judge(ledger) == verdict_of(ledger)


def test_a_range_of_hops_is_blamed_as_a_range() -> None:
    story = told(taps=tuple(hop for hop in Hop if hop is not Hop.ROUTED)).lose("main/3", Hop.ROUTED)
    verdict = story.drop(at(Hop.ROUTED)).verdict()
    assert (verdict.blame[0].hop, verdict.blame[0].hops) == (None, (Hop.ROUTED, Hop.DELIVERED))
    [unexplained] = diagnose(Evidence(story.ledger()), judge(story.ledger()), using={}).blame
    assert unexplained.hops == (Hop.ROUTED, Hop.DELIVERED)


def test_hostile_names_stay_text() -> None:
    hostile = Event("main/1", "<script>\x1b[31m{0}%s", "main", 1, "d")
    story = Story("broadcast", declared=()).open("A").start("main")
    story.see(Hop.EMITTED, hostile, "cli:main").end("main")
    assert story.verdict().answer is Answer.FAILED


def test_what_only_follows_from_a_loss_is_not_a_cause_of_its_own() -> None:
    """Where the state is not observed, a page that lacks events shows other numbers than those it was given."""
    story = told(taps=tuple(hop for hop in Hop if hop is not Hop.APPLIED))
    for key in ("main/3", "main/5"):  # every "skill:started"
        gone(story, key, Hop.APPLIED, Hop.RENDERED)
    ledger = story.ledger()
    seen = tuple(each for each in ledger.sightings if each.hop is not Hop.APPLIED)
    verdict = verdict_of(replace(ledger, sightings=seen))
    assert [blame.cause for blame in verdict.blame] == ["no-reducer-case"]
    kinds = {outcome.kind for outcome in verdict.blame[0].explains}
    assert Kind.MISRENDERED in kinds and kinds & {Kind.LOST, Kind.UNHANDLED}
