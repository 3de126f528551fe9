"""Faults in the middle of a run, on paper: what they excuse, what they don't, and what is told of them."""

from __future__ import annotations

from typing import Any

import pytest

from harness.judge.recovery import Recovery, recoveries
from harness.model import Answer, Aspect, Hop, Kind, Verdict
from harness.model.facts import Connected, Disconnected, Faulted, PageRefused, Phase
from harness.record.evidence import Evidence
from tests.support.ledgers import Story
from tests.support.paper_pages import TASK

EARLY, LATE = TASK[:3], TASK[3:]


def faulted(story: Story, phase: Phase, *parties: str) -> Story:
    """Write down where a fault stands, as a run does: in the numbering of every observer."""
    after = {
        each: max(r.n for r in story.records if r.observer == each) for each in {r.observer for r in story.records}
    }
    return story.fact(Faulted, "harness", fault="cut", phase=int(phase), parties=list(parties), after=after)


def away(strategy: str = "broadcast", **contract: Any) -> Story:
    """A is away for the middle of a session, and knows it; the server notices it only after one more event."""
    story = Story(strategy, **contract).open("A", "B").start("main").emit("main", *EARLY)
    faulted(story, Phase.BEGAN, "dashboard:A").emit("main", LATE[0])
    story.disconnect("A").emit("main", *LATE[1:2])
    faulted(story, Phase.HEALED, "dashboard:A").connect("A")
    faulted(story, Phase.RECOVERED, "dashboard:A")
    return story.emit("main", *LATE[2:]).end("main")


def judged(story: Story) -> tuple[Verdict, list[Recovery]]:
    verdict = story.verdict()
    return verdict, recoveries(Evidence(story.ledger()), verdict)


def test_what_passed_while_a_fault_was_on_is_known_by_its_place_in_the_record() -> None:
    _, [found] = judged(away())
    assert found.strike.keys == {"main/4", "main/5"}
    assert found.strike.parties == {"dashboard:A"}
    assert found.seconds is not None and found.seconds > 0


def test_a_dashboard_that_came_back_is_owed_what_it_missed_where_that_is_replayed() -> None:
    story = away()
    assert story.verdict().answer is Answer.PASSED
    verdict, [found] = judged(away().lose("main/4", Hop.DELIVERED, "A"))
    assert verdict.answer is Answer.FAILED
    assert found.lost == 1
    assert found.unsafe == () and {each.kind for each in found.unrecovered} == {Kind.LOST}


def test_it_is_owed_nothing_of_it_where_nothing_is_replayed() -> None:
    for key in ("main/4", "main/5"):
        found = away(replays=False).lose(key, Hop.DELIVERED, "A").verdict().outcomes
        assert (key, Kind.LOST) not in {(each.key, each.kind) for each in found}
    lost = away(replays=False).lose("main/3", Hop.DELIVERED, "A").verdict()
    assert ("main/3", Kind.LOST) in {(each.key, each.kind) for each in lost.outcomes}, "that was before the fault"


@pytest.mark.parametrize("party", ["dashboard:A", "server", "cli:main"])
def test_what_was_still_on_its_way_to_a_page_when_it_was_struck_is_excused(party: str) -> None:
    """Seen on another system: an event was routed, and the line was reset before any page had it."""
    story = Story("broadcast", replays=False).open("A", "B").start("main").emit("main", *EARLY[:2])
    before = {each.observer: each.n for each in story.records}
    story.emit("main", *EARLY[2:])
    of_server = max(r.n for r in story.records if r.observer == "server")
    after = {**before, "server": of_server}  # no page has the third one yet
    struck = {"fault": "cut", "parties": [party], "after": after}
    story.fact(Faulted, "harness", phase=int(Phase.BEGAN), **struck).fact(
        Faulted, "harness", phase=int(Phase.RECOVERED), **struck
    )
    story.emit("main", *LATE).end("main")
    for key, lost in (("main/3", party == "cli:main"), ("main/2", True)):
        found = story.lose(key, Hop.DELIVERED, "A").verdict().outcomes
        assert ((key, Kind.LOST) in {(each.key, each.kind) for each in found}) is lost


@pytest.mark.parametrize("key", ["main/3", "main/4", "main/5"])
def test_whom_it_did_not_strike_is_owed_everything(key: str) -> None:
    verdict, [found] = judged(away().lose(key, Hop.DELIVERED, "B"))
    assert verdict.answer is Answer.FAILED
    assert {(each.key, each.dashboard) for each in found.unsafe if each.kind is Kind.LOST} == {(key, "B")}


def test_a_page_that_was_closed_is_owed_what_came_before_and_nothing_after() -> None:
    story = Story("broadcast").open("A", "B").start("main").emit("main", *EARLY)
    faulted(story, Phase.BEGAN, "dashboard:A").emit("main", LATE[0])
    story.disconnect("A")
    faulted(story, Phase.HEALED, "dashboard:A").emit("main", *LATE[1:]).end("main")
    story.lose("main/4", Hop.DELIVERED, "A").lose("main/4", Hop.APPLIED, "A").lose("main/4", Hop.RENDERED, "A")
    outcomes = {(each.key, each.kind) for each in story.verdict().outcomes}
    assert ("main/4", Kind.LOST) not in outcomes
    story.lose("main/2", Hop.DELIVERED, "A")
    assert ("main/2", Kind.LOST) in {(each.key, each.kind) for each in story.verdict().outcomes}


@pytest.mark.parametrize("hop", [Hop.ROUTED, Hop.DELIVERED])
@pytest.mark.parametrize("replays", [False, True])
def test_what_is_missing_after_a_fault_with_an_unobserved_end_is_not_known(replays: bool, hop: Hop) -> None:
    """A server with a broker: its pages are back, and whether it has its broker again is known to it alone."""

    def struck(lost: str | None) -> Verdict:
        story = Story("broadcast", replays=replays).open("A", "B").start("main").emit("main", *EARLY)
        faulted(story, Phase.BEGAN, "server").emit("main", LATE[0])
        faulted(story, Phase.HEALED, "server").emit("main", *LATE[1:]).end("main")
        return (story if lost is None else story.lose(lost, hop, "A")).verdict()

    assert struck(None).answer is Answer.PASSED
    assert struck("main/3").answer is Answer.FAILED
    if replays:
        assert struck("main/5").answer is Answer.FAILED, "it is promised whatever happens"
        return
    assert "main/4" not in {each.key for each in struck("main/4").outcomes if each.kind is Kind.LOST}
    verdict = struck("main/5")
    assert verdict.answer is Answer.UNKNOWN, verdict.outcomes
    assert [each.finding.aspect for each in verdict.unknowns] == [Aspect.NOT_SEEN_TO_RECOVER]


@pytest.mark.parametrize(
    ("tried", "left", "answer"), [(1, 1, "passed"), (0, 1, "unknown"), (1, 0, "unknown"), (1, 2, "unknown")]
)
def test_a_connection_that_broke_before_the_page_heard_of_it_is_that_page_s(tried: int, left: int, answer: str) -> None:
    """Seen under torn-frame: the server lets a page in, and the line breaks before its answer is there."""
    story = Story("broadcast").open("A", "B").start("main").emit("main", *EARLY)
    story.disconnect("A")
    for number in range(max(left, 1)):
        sid = f"half-made-{number}"
        story.fact(Connected, "server", sid=sid, role="dashboard", origin=None, transport="websocket")
        if left:
            story.fact(Disconnected, "server", sid=sid, reason="transport close")
    for _ in range(tried):
        story.fact(PageRefused, "dashboard:A.1", text="websocket connection to ws://x: the connection broke (1006)")
    assert story.connect("A").emit("main", *LATE).end("main").verdict().answer.value == answer
