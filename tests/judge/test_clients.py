"""Dashboards without a page: judged as far as delivered, and as strictly as a page is up to there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from harness.diagnosis import verdict_of
from harness.judge.judge import judge_evidence
from harness.model import Answer, AnyFact, Fact, Hop, Kind, Outcome, Standing, Verdict
from harness.model.facts import ClockCompared, Fence, Notice, PageClosed, PageConnected, TapTried
from harness.record.evidence import Evidence, label_of
from harness.record.ledger import Ledger
from tests.judge.test_columns_agree import stored
from tests.support.ledgers import Story
from tests.support.paper_pages import TASK
from tests.support.records import at

CLIENTS = ("L1", "L2")

OF_A_CONNECTION = (ClockCompared, Notice, PageConnected, PageClosed, Fence)


def told() -> Story:
    return Story("broadcast").open("A", *CLIENTS).start("main").emit("main", *TASK).end("main")


def connections(story: Story) -> Ledger:
    """The run with CLIENTS as they are without a page: what only a page shows of them is not there."""
    ledger = story.ledger()

    def kept(fact: AnyFact) -> bool:
        if label_of(fact.observer) not in CLIENTS:
            return True
        is_tap = isinstance(fact.body, TapTried) and fact.body.hops == (Hop.DELIVERED,)
        return is_tap or isinstance(fact.body, OF_A_CONNECTION)

    return replace(
        ledger,
        contract=replace(ledger.contract, clients=CLIENTS),
        sightings=tuple(s for s in ledger.sightings if s.hop <= Hop.DELIVERED or label_of(s.observer) not in CLIENTS),
        facts=tuple(fact for fact in ledger.facts if kept(fact)),
    )


def verdict(story: Story) -> Verdict:
    """By columns and by objects, which agree."""
    ledger = connections(story)
    with stored(ledger) as file:
        assert judge_evidence(Evidence(file)) == judge_evidence(Evidence(ledger))
    return verdict_of(ledger)


def _later(ms: int) -> Callable[[Any], Any]:
    return lambda record: replace(record, at_ns=record.at_ns + ms * 1_000_000)


def outcomes(found: Verdict, kind: Kind) -> list[Outcome]:
    return [each for each in found.outcomes if each.kind is kind]


def test_what_is_delivered_to_them_is_all_that_is_promised() -> None:
    found = verdict(told())
    assert (found.answer, found.unknowns) == (Answer.PASSED, ())
    assert found.dashboards == 3


def test_without_a_word_of_the_contract_they_would_lack_their_pages() -> None:
    ledger = connections(told())
    assert verdict_of(replace(ledger, contract=replace(ledger.contract, clients=()))).answer is Answer.UNKNOWN


@pytest.mark.parametrize("hop", [Hop.ROUTED, Hop.DELIVERED])
def test_a_loss_is_blamed_on_the_hop_where_it_was(hop: Hop) -> None:
    lost = outcomes(verdict(told().lose("main/3", hop, "L2")), Kind.LOST)
    assert {(each.key, each.dashboard, each.hop) for each in lost} == {("main/3", "L2", hop)}


def test_the_page_beside_them_is_judged_to_the_end() -> None:
    lost = outcomes(verdict(told().lose("main/3", Hop.RENDERED, "A")), Kind.LOST)
    assert {(each.key, each.dashboard, each.hop) for each in lost} == {("main/3", "A", Hop.RENDERED)}


def test_a_client_whose_fence_is_not_back_may_still_get_what_it_lacks() -> None:
    story = told().lose("main/3", Hop.DELIVERED, "L2")
    story.settle().change(
        lambda r: isinstance(r, Fact) and isinstance(r.body, Fence) and r.body.dashboard == "L2",
        lambda r: replace(r, body=replace(r.body, back=False, why="no answer in time")),
    )
    found = verdict(story)
    assert (found.answer, outcomes(found, Kind.LOST)) == (Answer.UNKNOWN, [])


def test_an_event_that_comes_late_to_many_is_one_outcome_of_the_slowest() -> None:
    story = told().settle()
    for label, ms in (("L1", 3000), ("L2", 4000)):
        story.change(at(Hop.DELIVERED, "main/5", label), _later(ms))
    (late,) = outcomes(verdict(story), Kind.LATE)
    assert (late.key, late.dashboard, late.hop) == ("main/5", "L2", Hop.DELIVERED)
    assert late.finding is not None and round((late.finding.measured_ms or 0) / 1000) == 4


def test_an_event_in_another_order_and_one_twice_are_found_there_too() -> None:
    story = told()
    (third,) = filter(at(Hop.DELIVERED, "main/3", "L1"), story.records)
    story.records.append(replace(third, n=third.n + 1_000_000))
    found = verdict(story)
    assert {(each.key, each.dashboard) for each in outcomes(found, Kind.DUPLICATED)} == {("main/3", "L1")}


def test_they_are_asked_for_no_rest_and_no_view() -> None:
    results = {each.prop: each for each in verdict(told()).properties}
    assert results["P12"].standing is Standing.PROVEN and results["P12"].checks == 4
    assert results["P9"].standing is Standing.PROVEN
