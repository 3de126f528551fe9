"""Ledgers of a server that only the wire proxy in front of it saw: what may be blamed, and what may not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from harness.model import Answer, AnyFact, Hop, Kind, Sighting, Verdict
from harness.model.facts import Acknowledged, InFlight, Members, TapTried
from tests.support.facts import other
from tests.support.ledgers import Story
from tests.support.paper_pages import TASK
from tests.support.records import at, said

ONE_SIDED = "the proxy sees what was acknowledged"
WITHOUT_ROUTED = tuple(hop for hop in Hop if hop is not Hop.ROUTED)


def told() -> Story:
    """A healthy run of one session with two dashboards."""
    return Story("broadcast", taps=WITHOUT_ROUTED).open("A", "B").start("main").emit("main", *TASK).end("main")


def behind_proxy(story: Story) -> Story:
    """The story as the proxy would have told it: the server's recipients are not seen, and silence is not evidence."""
    story.settle()
    for where in (at(Hop.ROUTED), said(TapTried, "server", tap="routed"), said(Members)):
        story.drop(where)
    story.change(said(TapTried, "server", tap="received"), with_data(one_sided=ONE_SIDED))
    return story.change(said(InFlight), with_data(means="quiet"))


def with_data(**more: Any) -> Callable[[AnyFact], AnyFact]:
    return lambda fact: other(fact, **more)


def forwarded(number: int) -> Callable[[Sighting], Sighting]:
    return lambda sighting: replace(sighting, detail={**sighting.detail, "forwarded": number})


def lost(verdict: Verdict) -> set[tuple[str | None, tuple[Hop, ...]]]:
    return {(each.key, each.hops) for each in verdict.outcomes if each.kind is Kind.LOST}


def test_a_clean_run_passes_with_a_blind_hop_and_says_how_sure_it_is() -> None:
    verdict = behind_proxy(told()).verdict()
    assert verdict.answer is Answer.PASSED, verdict.unknowns
    assert verdict.hops == {**dict.fromkeys(Hop, len(TASK)), Hop.ROUTED: None}
    assert verdict.confidence == "quiet"


def test_what_the_server_took_and_no_page_got_is_blamed_on_the_blind_hop_and_after() -> None:
    verdict = behind_proxy(told().lose("main/3", Hop.ROUTED)).verdict()
    assert verdict.answer is Answer.FAILED
    assert lost(verdict) == {("main/3", (Hop.ROUTED, Hop.DELIVERED))}
    assert verdict.hops[Hop.RECEIVED] == len(TASK)


def test_what_was_never_acknowledged_is_blamed_on_everything_after_the_proxy() -> None:
    verdict = behind_proxy(told().lose("main/3", Hop.RECEIVED).drop(said(Acknowledged, key="main/3"))).verdict()
    assert lost(verdict) == {("main/3", (Hop.RECEIVED, Hop.ROUTED, Hop.DELIVERED))}
    assert verdict.hops[Hop.RECEIVED] is None, "how many is not known"


def test_a_tap_whose_silence_counts_narrows_the_same_loss_to_one_hop() -> None:
    story = told().lose("main/3", Hop.RECEIVED).drop(said(Acknowledged, key="main/3"))
    story = behind_proxy(story).change(said(TapTried, "server", tap="received"), with_data(one_sided=None))
    assert lost(story.verdict()) == {("main/3", (Hop.RECEIVED,))}


def test_what_was_delivered_was_received_whether_acknowledged_or_not() -> None:
    story = behind_proxy(told()).drop(at(Hop.RECEIVED)).drop(said(Acknowledged))
    verdict = story.verdict()
    assert verdict.answer is Answer.PASSED, verdict.unknowns
    assert verdict.hops[Hop.RECEIVED] is None


def test_what_never_came_to_the_proxy_is_lost_at_sent() -> None:
    verdict = behind_proxy(told().lose("main/3", Hop.SENT).drop(said(Acknowledged, key="main/3"))).verdict()
    assert lost(verdict) == {("main/3", (Hop.SENT,))}


@pytest.mark.parametrize(("one_sided", "kinds"), [(ONE_SIDED, set()), (None, {Kind.REORDERED})])
def test_answers_in_another_order_are_not_reordered(one_sided: str | None, kinds: set[Kind]) -> None:
    story = behind_proxy(told()).change(said(TapTried, "server", tap="received"), with_data(one_sided=one_sided))
    story.swap(at(Hop.RECEIVED, "main/2"), at(Hop.RECEIVED, "main/3"))
    if one_sided:  # each had been passed on before the other was answered
        story.change(at(Hop.RECEIVED), forwarded(1))
    assert {each.kind for each in story.verdict().outcomes if each.kind is not Kind.DELIVERED} == kinds


def test_what_comes_in_another_order_is_one_reordering_with_the_blind_hop() -> None:
    """Order within a session and the sequence of all dashboards say the same of it, and no more than is known."""
    story = behind_proxy(told())
    for label in "AB":
        for hop in (Hop.DELIVERED, Hop.APPLIED):
            story.swap(at(hop, "main/2", label), at(hop, "main/3", label))
    found = [each for each in story.verdict().outcomes if each.kind is Kind.REORDERED]
    assert [(each.key, each.dashboard) for each in found] == [("main/2", "A"), ("main/2", "B")]
    assert all(each.hops[-2:] == (Hop.ROUTED, Hop.DELIVERED) for each in found)


@pytest.mark.parametrize("is_known", [False, True], ids=["forwarded before, answered after", "forwarded after"])
def test_a_dashboard_that_came_while_an_event_was_with_the_server_may_miss_it(is_known: bool) -> None:
    story = Story("broadcast", taps=WITHOUT_ROUTED, replays=False).open("A").start("main").emit("main", TASK[0])
    before = max(record.n for record in story.records if record.observer == "server")
    story.open("B").emit("main", *TASK[1:]).end("main").lose("main/2", Hop.DELIVERED, "B")
    if not is_known:
        story.change(at(Hop.RECEIVED, "main/2"), forwarded(before))
    found = lost(behind_proxy(story).verdict())
    assert (("main/2", (Hop.ROUTED, Hop.DELIVERED)) in found) is is_known, found
