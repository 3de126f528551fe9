"""What a rule declares is kept: it is asked for what its head claims alone, and only where it can see."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import product

import pytest

from harness.diagnosis import Head, Rule, diagnose, rules
from harness.diagnosis.engine import claims
from harness.diagnosis.rule import about, losses, of, per_cli, per_dashboard, per_outcome, per_run, per_session
from harness.judge.judge import judge_evidence
from harness.model import (
    Answer,
    Aspect,
    Blame,
    Broken,
    Finding,
    Hop,
    Kind,
    NotRuledOut,
    Outcome,
    Part,
    Strength,
    Verdict,
)
from harness.record.evidence import Evidence
from harness.reporting import sentences
from tests.support.causes import CAUSES
from tests.support.explained import evidence, outcome
from tests.support.ledgers import Story
from tests.support.paper_pages import TASK

HEADS = {name: rule.head for name, rule in rules().items()}
GROUPINGS = (per_run, per_dashboard, per_session, per_cli, per_outcome)

LOST = outcome(Kind.LOST, Hop.ROUTED, "main/3", "A")


class Anything(Rule):
    """Whatever is lost at routed."""

    head = Head(
        cause="anything",
        title="something is lost",
        claims=(losses(Hop.ROUTED),),
        carries=(of(Kind.MISRENDERED),),
        by=per_dashboard,
        taps=(Hop.ROUTED,),
        strength=Strength.AROUND,
        against="nothing",
        remedy="Find it.",
    )

    def __init__(self) -> None:
        self.asked: list[Sequence[Outcome]] = []

    def explain(self, evidence: Evidence, outcomes: Sequence[Outcome]) -> Iterable[Blame]:
        self.asked.append(outcomes)
        yield self.blame("it is gone.", [f"{len(outcomes)} outcomes"], outcomes)


class Doubting(Anything):
    """Knows better of dashboard A."""

    def is_refuted(self, evidence: Evidence, outcome: Outcome) -> bool:
        return outcome.dashboard == "A"


class DoubtingGroups(Anything):
    """Knows better of two and more."""

    def are_refuted(self, evidence: Evidence, outcomes: Sequence[Outcome]) -> bool:
        return len(outcomes) > 1


class Breaking(Anything):
    """Breaks in the middle of its evidence."""

    def explain(self, evidence: Evidence, outcomes: Sequence[Outcome]) -> Iterable[Blame]:
        yield from super().explain(evidence, outcomes)
        raise KeyError("where")


def told(**contract: object) -> Story:
    return Story("broadcast", **contract).open("A", "B").start("main").emit("main", *TASK).end("main")


def verdict(story: Story, **using: Rule) -> Verdict:
    found = evidence(story)
    return diagnose(found, judge_evidence(found), using)


@pytest.mark.parametrize("cause", HEADS)
def test_each_head_says_when_its_rule_may_speak(cause: str) -> None:
    head = HEADS[cause]
    assert head.cause == cause and head.by in GROUPINGS
    assert head.claims and all(pattern.kinds for pattern in head.claims)
    assert head.title and not head.title.endswith(".") and head.against and not head.against.endswith(".")
    assert head.remedy.endswith(".") and 1 <= len(head.remedy.splitlines()) <= 2


@pytest.mark.parametrize("cause", CAUSES)
def test_what_a_rule_explains_first_is_what_its_head_claims(cause: str) -> None:
    found = [each for each in CAUSES[cause][1]().verdict().blame if each.cause == cause]
    assert found
    for blame in found:
        assert any(map(HEADS[cause].is_about, blame.explains))
        assert blame.strength <= HEADS[cause].strength


def test_a_rule_is_asked_once_a_group_for_what_it_claims_with_what_it_carries() -> None:
    rule = Anything()
    other = replace(LOST, dashboard="B")
    shown = outcome(Kind.MISRENDERED, Hop.RENDERED, None, "B")
    alone = outcome(Kind.MISRENDERED, Hop.RENDERED, None, "C")
    sent = outcome(Kind.LOST, Hop.SENT, "main/2", "A")
    found = [*claims(rule, evidence(told()), [shown, sent, LOST, other, alone])]
    assert rule.asked == [[LOST], [shown, other]]
    assert [each.strength for each in found] == [Strength.AROUND] * 2
    assert {each.remedy for each in found} == {"Find it."}


def test_a_rule_is_not_asked_for_what_its_counter_check_takes_away() -> None:
    rule = Doubting()
    assert [*claims(rule, evidence(told()), [LOST])] == [] and rule.asked == []
    other = replace(LOST, dashboard="B")
    assert [each.explains for each in claims(rule, evidence(told()), [LOST, other])] == [(other,)]


def test_what_a_counter_check_takes_away_is_not_carried_along_either() -> None:
    class Carrying(Doubting):
        head = replace(Anything.head, by=per_run, carries=(of(Kind.LOST), of(Kind.MISRENDERED)))

    other, sent = replace(LOST, dashboard="B"), outcome(Kind.LOST, Hop.SENT, "main/2", "A")
    [found] = claims(Carrying(), evidence(told()), [LOST, sent, other])
    assert found.explains == (sent, other)


def test_a_rule_is_not_asked_for_a_group_that_its_counter_check_takes_away() -> None:
    rule, other = DoubtingGroups(), replace(LOST, dashboard="B")
    found = claims(rule, evidence(told()), [LOST, replace(LOST, key="main/2"), other])
    assert [each.explains for each in found] == [(other,)] and rule.asked == [[other]]


UNCHECKED = frozenset(
    {
        "connect-raises",
        "emit-after-close",
        "frame-unread",
        "handler-raises",
        "never-acknowledged",
    }
)
"""Rules whose counter-check is still in their bodies. None is to be added."""


def test_what_speaks_against_a_rule_is_looked_for_before_it_is_asked() -> None:
    def has_check(rule: Rule) -> bool:
        kind = type(rule)
        return kind.is_refuted is not Rule.is_refuted or kind.are_refuted is not Rule.are_refuted

    assert {name for name, rule in rules().items() if not has_check(rule)} == UNCHECKED


@pytest.mark.parametrize("cause", HEADS)
def test_a_rule_takes_whatever_its_head_claims_also_what_is_about_no_single_event(cause: str) -> None:
    known = evidence(told())
    for pattern in HEADS[cause].claims:
        for kind, hop in product(pattern.kinds, pattern.hops or Hop):
            for dashboard, key in product(("A", "Z", None), ("main/2", None)):
                for aspect in pattern.aspects or (Aspect.WATCHED,):
                    made = Outcome(kind, "P1", key, dashboard, hop, (hop,), Finding(aspect, session="main"))
                    if pattern.fits(made):
                        [*claims(rules()[cause], known, [made])]


def test_with_a_tap_blind_a_rule_says_nothing_and_is_not_ruled_out() -> None:
    blind = tuple(hop for hop in Hop if hop is not Hop.ROUTED)
    rule = Anything()
    found = verdict(told(taps=blind).lose("main/3", Hop.ROUTED, "A", "B"), anything=rule)
    assert (found.answer, rule.asked) == (Answer.FAILED, [])
    assert found.not_ruled_out == (NotRuledOut("anything", (Hop.ROUTED,)),)
    assert sentences.remarks(found) == ["not ruled out: anything (hop routed is blind)"]


def test_what_no_outcome_fits_needs_no_ruling_out_and_what_the_record_names_neither() -> None:
    blind = tuple(hop for hop in Hop if hop is not Hop.ROUTED)
    assert verdict(told(taps=blind).lose("main/3", Hop.SENT), anything=Anything()).not_ruled_out == ()

    class Named(Anything):
        head = replace(Anything.head, cause="named", taps=(), claims=(losses(),), strength=Strength.NAMED)

    story = told(taps=blind).lose("main/3", Hop.ROUTED, "A", "B")
    found = verdict(story, anything=Anything(), named=Named())
    assert [each.cause for each in found.blame] == ["named", "named"] and found.not_ruled_out == ()


def test_a_rule_that_breaks_costs_its_own_line_and_the_hop_stays() -> None:
    story = told().lose("main/3", Hop.ROUTED, "A")
    found, whole = verdict(story, breaking=Breaking()), verdict(story)
    assert found.broken == (Broken(Part.RULE, "breaking", "KeyError: 'where'"),)
    assert (found.hops, found.answer) == (whole.hops, whole.answer)
    assert [(each.cause, each.hop) for each in found.blame] == [("unexplained", Hop.ROUTED)]
    assert sentences.remarks(found) == ["rule breaking broke: KeyError: 'where'"]


def test_a_member_without_a_head_is_told_of_and_not_asked() -> None:
    headless = type("Headless", (), {"name": "headless", "explain": lambda *_: ()})()
    found = verdict(told().lose("main/3", Hop.ROUTED, "A"), headless=headless)
    assert [each.name for each in found.broken] == ["headless"]
    assert "docs/write-a-cause.md" in found.broken[0].error


def test_patterns_fit_by_kind_hop_and_aspect() -> None:
    range_ = Outcome(Kind.LOST, "P1", "main/1", "A", None, (Hop.ROUTED, Hop.DELIVERED), Finding(Aspect.WATCHED))
    assert losses(Hop.ROUTED).fits(range_) and not losses(Hop.DELIVERED).fits(range_)
    assert not losses(Hop.ROUTED, exact=True).fits(range_)
    assert losses(Hop.DELIVERED).may_fit(range_) and not losses(Hop.SENT).may_fit(range_)
    assert losses().fits(range_) and not of(Kind.LATE).fits(range_) and not of(Kind.LATE).may_fit(range_)
    assert about(Kind.LOST, Aspect.WATCHED).fits(range_) and not about(Kind.LOST, Aspect.ORDER).fits(range_)
