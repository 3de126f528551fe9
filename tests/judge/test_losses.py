"""Where an event was lost: the first hop that did not hand it on, a range where taps are missing, and never a guess."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from harness.model import Answer, AnyFact, Hop, Kind, Outcome, Verdict
from harness.model.facts import Acknowledged, ClientDisconnected, NoHandler, Requested, TapTried
from harness.reporting import sentences
from tests.support.facts import other
from tests.support.ledgers import Story
from tests.support.paper_pages import TASK
from tests.support.records import at, said

EVENTS = (*TASK[:4], "skill:started", "skill:completed", TASK[4])
"""Skills come twice, so that losing one of them is not a sign of a page that doesn't know them."""


def told(**contract: Any) -> Story:
    """One session, two dashboards."""
    return Story("broadcast", **contract).open("A", "B").start("main").emit("main", *EVENTS).end("main")


def found(verdict: Verdict, kind: Kind) -> list[Outcome]:
    return [outcome for outcome in verdict.outcomes if outcome.kind is kind]


@pytest.mark.parametrize("hop", [hop for hop in Hop if hop > Hop.EMITTED])
def test_an_event_is_lost_at_the_first_hop_that_does_not_have_it(hop: Hop) -> None:
    verdict = told().lose("main/3", hop).verdict()
    lost = found(verdict, Kind.LOST)
    assert verdict.answer is Answer.FAILED
    assert {(each.key, each.dashboard, each.hop, each.hops) for each in lost} == {
        ("main/3", "A", hop, (hop,)),
        ("main/3", "B", hop, (hop,)),
    }
    assert verdict.blame[0].hop is hop
    assert f"1 of 7 events lost at {hop.label}" in sentences.verdict(verdict)


@pytest.mark.parametrize("hop", [Hop.ROUTED, Hop.DELIVERED, Hop.APPLIED, Hop.RENDERED])
def test_one_dashboard_can_lose_what_another_shows(hop: Hop) -> None:
    lost = found(told().lose("main/2", hop, "B").verdict(), Kind.LOST)
    assert {(each.key, each.dashboard, each.hop) for each in lost} == {("main/2", "B", hop)}


@pytest.mark.parametrize("hop", [Hop.SENT, Hop.RECEIVED, Hop.ROUTED, Hop.DELIVERED, Hop.APPLIED])
def test_missing_at_a_hop_and_seen_after_it_is_a_blind_tap_and_not_a_loss(hop: Hop) -> None:
    verdict = told().drop(at(hop, "main/3")).verdict()
    assert found(verdict, Kind.LOST) == []
    assert verdict.hops[hop] == 6
    assert verdict.hops[Hop.RENDERED] == 7


@pytest.mark.parametrize("hop", [Hop.SENT, Hop.RECEIVED, Hop.ROUTED, Hop.DELIVERED, Hop.APPLIED])
def test_a_loss_at_a_tap_that_missed_other_events_is_blamed_on_a_range(hop: Hop) -> None:
    lost = found(told().drop(at(hop, "main/2")).lose("main/3", hop).verdict(), Kind.LOST)
    blamed = (hop, Hop(hop + 1))
    assert {(each.key, each.hop, each.hops) for each in lost} >= {("main/3", None, blamed)}


@pytest.mark.parametrize(
    ("blind", "lost_at", "blamed"),
    [
        ({Hop.SENT}, Hop.SENT, (Hop.SENT, Hop.RECEIVED)),
        ({Hop.SENT}, Hop.RECEIVED, (Hop.SENT, Hop.RECEIVED)),
        ({Hop.ROUTED}, Hop.ROUTED, (Hop.ROUTED, Hop.DELIVERED)),
        ({Hop.RECEIVED, Hop.ROUTED}, Hop.RECEIVED, (Hop.RECEIVED, Hop.ROUTED, Hop.DELIVERED)),
        ({Hop.APPLIED}, Hop.APPLIED, (Hop.APPLIED, Hop.RENDERED)),
        ({Hop.APPLIED}, Hop.RENDERED, (Hop.APPLIED, Hop.RENDERED)),
    ],
)
def test_a_hop_without_a_tap_makes_the_blame_a_range(blind: set[Hop], lost_at: Hop, blamed: tuple[Hop, ...]) -> None:
    story = told(taps=tuple(hop for hop in Hop if hop not in blind)).lose("main/3", lost_at)
    verdict = story.drop(*(at(hop) for hop in blind)).verdict()
    lost = found(verdict, Kind.LOST)
    assert {(each.hop, each.hops) for each in lost} == {(None, blamed)}
    assert {hop for hop, count in verdict.hops.items() if count is None} == blind
    assert verdict.blame[0].hops == blamed


def test_a_run_whose_hops_are_partly_blind_passes_when_all_is_seen_after_them() -> None:
    story = told(taps=(Hop.EMITTED, Hop.DELIVERED, Hop.APPLIED, Hop.RENDERED))
    story.drop(at(Hop.SENT), at(Hop.RECEIVED), at(Hop.ROUTED))
    assert story.verdict().answer is Answer.PASSED


def test_a_blind_last_hop_leaves_it_open_whether_an_event_is_seen() -> None:
    story = told(taps=tuple(Hop)[:-1])
    verdict = story.drop(at(Hop.RENDERED)).verdict()
    assert verdict.answer is Answer.UNKNOWN
    assert "hop rendered has no tap" in sentences.verdict(verdict)


def test_with_every_tap_after_it_dead_a_loss_is_open() -> None:
    story = told().lose("main/3", Hop.RECEIVED).settle()
    for party in ("server", "A", "B"):
        story.change(said(TapTried, party, phase="after"), dead)
    verdict = story.verdict()
    assert found(verdict, Kind.LOST) == []
    assert verdict.answer is Answer.UNKNOWN
    assert any("no tap after it can be believed" in unknown for unknown in sentences.unknowns(verdict))


def dead(fact: AnyFact) -> AnyFact:
    return other(fact, alive=False, why="no answer")


def test_the_tail_is_lost_for_a_page_that_stays_and_open_for_one_that_left() -> None:
    story = Story("broadcast").open("A", "B").start("main").emit("main", *TASK).end("main").disconnect("B")
    lost = found(story.lose("main/5", Hop.RECEIVED).verdict(), Kind.LOST)
    assert {(each.key, each.dashboard) for each in lost} == {("main/5", "A"), ("main/5", "B")}
    story = Story("broadcast").open("A", "B").start("main").emit("main", *TASK[:4]).disconnect("B")
    story.emit("main", TASK[4]).end("main").lose("main/5", Hop.RECEIVED, "A")
    lost = found(story.verdict(), Kind.LOST)
    assert {(each.key, each.dashboard) for each in lost} == {("main/5", "A")}


def test_what_was_not_acknowledged_by_a_killed_cli_is_not_owed() -> None:
    story = Story("broadcast").open("A").start("main").emit("main", *TASK).kill("main")
    story.drop(said(Acknowledged, key="main/5")).lose("main/5", Hop.SENT)
    verdict = story.verdict()
    assert verdict.answer is Answer.PASSED, sentences.verdict(verdict)


def test_what_a_killed_cli_had_acknowledged_is_owed() -> None:
    story = Story("broadcast").open("A").start("main").emit("main", *TASK).kill("main")
    lost = found(story.lose("main/4", Hop.DELIVERED).verdict(), Kind.LOST)
    assert [(each.key, each.hop) for each in lost] == [("main/4", Hop.DELIVERED)]


def test_what_the_server_received_from_a_killed_cli_is_owed() -> None:
    story = Story("broadcast").open("A").start("main").emit("main", *TASK).kill("main")
    story.drop(said(Acknowledged, key="main/5"))
    lost = found(story.lose("main/5", Hop.ROUTED).drop(at(Hop.ROUTED, "main/5")).verdict(), Kind.LOST)
    assert [(each.key, each.hop) for each in lost] == [("main/5", Hop.ROUTED)]


def test_what_the_server_refused_is_not_owed() -> None:
    story = told().lose("main/3", Hop.ROUTED).drop(at(Hop.ROUTED, "main/3"))
    refused = lambda fact: other(fact, ok=False, error="too-large")  # noqa: E731
    story.change(said(Acknowledged, key="main/3"), refused)
    assert found(story.verdict(), Kind.LOST) == []


def test_a_failed_send_that_the_cli_swallows_is_lost_at_sent() -> None:
    story = told().lose("main/3", Hop.SENT)
    failed = lambda fact: other(fact, ok=False, error="not sent: no connection")  # noqa: E731
    story.change(said(Acknowledged, key="main/3"), failed)
    assert {each.hop for each in found(story.verdict(), Kind.LOST)} == {Hop.SENT}


@pytest.mark.parametrize("leaves", [True, False], ids=["and leaves", "without leaving"])
def test_an_event_that_no_handler_got_was_not_received(leaves: bool) -> None:
    """However its CLI ends that waited for an answer in vain: the server had it."""
    story = Story("broadcast").open("A").start("main").emit("main", *TASK[:3])
    story.fact(NoHandler, "server", sid="sid-main", name="publish").end("main", status=3)
    story.drop(said(Acknowledged, key="main/3")).drop(at(Hop.ROUTED, "main/3"))
    if not leaves:
        story.drop(said(ClientDisconnected))
    for hop in (Hop.DELIVERED, Hop.APPLIED, Hop.RENDERED):
        story.drop(at(hop, "main/3"))
    lost = found(story.verdict(), Kind.LOST)
    assert [(each.key, each.hop) for each in lost] == [("main/3", Hop.RECEIVED)]


def test_a_request_without_a_handler_says_nothing_about_events() -> None:
    story = Story("broadcast").open("A").start("main").emit("main", *TASK)
    story.fact(Requested, "server", sid="sid-main", name="ping", id=None, args=[])
    story.fact(NoHandler, "server", sid="sid-main", name="ping").end("main")
    story.lose("main/3", Hop.ROUTED).drop(at(Hop.ROUTED, "main/3"))
    assert [each.hop for each in found(story.verdict(), Kind.LOST)] == [Hop.ROUTED]


def test_what_a_disconnected_page_missed_is_lost_at_delivered_without_a_replay() -> None:
    story = Story("broadcast").open("A", "B").start("main").emit("main", *TASK[:2]).disconnect("A")
    story.emit("main", *TASK[2:4]).connect("A").emit("main", TASK[4]).end("main")
    assert story.verdict().answer is Answer.PASSED
    story.change(at(Hop.ROUTED, "main/3"), lambda r: replace(r, recipients=(story.pages["B"].sid,)))
    for hop in (Hop.DELIVERED, Hop.APPLIED, Hop.RENDERED):
        story.drop(at(hop, "main/3", "A"))
    lost = found(story.verdict(), Kind.LOST)
    assert {(each.key, each.dashboard, each.hop) for each in lost} == {("main/3", "A", Hop.DELIVERED)}


def test_the_verdict_speaks_of_the_event_counts_of_the_main_session_alone() -> None:
    story = Story("broadcast").open("A").start("main").start("beside")
    story.emit("main", *TASK).emit("beside", TASK[0], TASK[4]).end("main").end("beside")
    assert story.verdict().hops == dict.fromkeys(Hop, 5)
