"""A system with several pages: each dashboard is held to what its own page is promised, and to nothing else."""

from __future__ import annotations

from dataclasses import replace

from harness.judge.strategies.watch import connections
from harness.model import Answer, Hop, Kind, PageContract, Panel, Verdict
from harness.record.evidence import Evidence
from harness.reporting import sentences
from harness.reporting.compared import uncompared
from tests.support.ledgers import Story
from tests.support.paper_pages import OWN, PANELS, TASK
from tests.support.records import at

BOARD = PageContract("page", tuple(Hop), panels=PANELS, own_events=OWN)
DESK = PageContract("desk", (Hop.DELIVERED, Hop.APPLIED), own_events=OWN, ends=Hop.APPLIED)
DOOR = PageContract("door", tuple(Hop), promised=("execution:completed",), own_events=OWN)


def told(desk: PageContract, *, told_all: bool = True) -> Story:
    """A and B show the board, desk another page; where it is not told all, its connection has the last event alone."""
    story = Story("broadcast").open("A", "B", "desk").start("main").emit("main", *TASK).end("main")
    story.contract = replace(story.contract, pages={"A": BOARD, "B": BOARD, "desk": desk})
    for number in range(1, len(TASK)) if not told_all else ():
        story.lose(f"main/{number}", Hop.ROUTED, "desk")
    return story


def failures(verdict: Verdict) -> set[tuple[Kind, str | None, str | None, tuple[Hop, ...]]]:
    return {(o.kind, o.key, o.dashboard, o.hops) for o in verdict.outcomes if o.kind is not Kind.DELIVERED}


def test_each_page_is_promised_what_it_is_there_for() -> None:
    assert told(DOOR, told_all=False).verdict().answer is Answer.PASSED, "the door is told the end alone"
    assert told(BOARD, told_all=False).verdict().answer is Answer.FAILED, "the same would be a loss at a board"


def test_what_is_for_other_pages_must_not_reach_it() -> None:
    verdict = told(DOOR).verdict()
    leaks = {each for each in failures(verdict) if each[0] is Kind.LEAKED}
    assert leaks == {(Kind.LEAKED, f"main/{n}", "desk", (Hop.ROUTED,)) for n in range(1, len(TASK))}
    assert {each[2] for each in failures(verdict)} == {"desk"}
    assert "the page of dashboard desk is for execution:completed alone" in {
        sentences.outcome(o) for o in verdict.outcomes if o.kind is Kind.LEAKED
    }


def test_what_it_is_promised_is_missed_as_anywhere() -> None:
    story = told(DOOR, told_all=False).lose("main/5", Hop.DELIVERED, "desk")
    assert (Kind.LOST, "main/5", "desk", (Hop.DELIVERED,)) in failures(story.verdict())


def test_a_hop_that_one_page_lacks_is_blind_there_alone() -> None:
    story = told(DESK)
    story.drop(at(Hop.RENDERED, None, "desk"))
    assert story.verdict().answer is Answer.PASSED, "where the desk shows its events is not described"
    evidence = Evidence(story.ledger())
    assert evidence.has_tap(Hop.RENDERED) and not evidence.has_tap(Hop.RENDERED, "desk")
    assert evidence.ends_at("desk") is Hop.APPLIED and evidence.ends_at("A") is Hop.RENDERED
    lost = story.lose("main/3", Hop.RENDERED, "B").verdict()
    assert {each[2] for each in failures(lost)} == {"B"}


def test_a_panel_is_compared_on_its_own_page() -> None:
    every = replace(BOARD, panels=(Panel("skills", ("*",), {"started": ("*",)}),))
    wrong = [o for o in told(every).verdict().outcomes if o.kind is Kind.MISRENDERED]
    assert {(o.dashboard, o.finding.panel, o.finding.expected, o.finding.found) for o in wrong} == {
        ("desk", "skills", len(TASK), "1")
    }, "the number is right at the boards, and not what the desk promises"


def test_what_was_not_compared_is_said_of_each_page() -> None:
    lines = [*uncompared(Evidence(told(replace(DOOR, promised=())).ledger()))]
    assert "on page door: panels: none is described (`[[page.panels]]`)" in lines
    assert not any(line.startswith("on page page: panels: none") for line in lines)


def test_pages_watch_over_connections_of_their_own() -> None:
    assert set(connections(Evidence(told(DOOR).ledger()))) == {"A", "B", "desk"}
