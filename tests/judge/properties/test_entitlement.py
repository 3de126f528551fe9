"""P17: who has a pass for some sessions hears of no other one: no event, no announcement, no list, no answer."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from harness.model import (
    Answer,
    Aspect,
    Fact,
    Hop,
    Kind,
    PropertyResult,
    Record,
    SessionList,
    SessionNotice,
    Standing,
    Verdict,
)
from harness.model.facts import Entitled, Notice, NoticeRouted
from tests.support.ledgers import Story
from tests.support.paper_pages import TASK
from tests.support.records import at

ANNOUNCED = "session:announced"


def told(strategy: str = "broadcast", **contract: Any) -> Story:
    """Two sessions; A may see both, B the second one alone."""
    story = Story(strategy, declared=(), **contract).open("A", "B")
    return story.fact(Entitled, "harness", dashboard="B", sessions=("beside",))


def kept(strategy: str = "broadcast", **contract: Any) -> Story:
    """The server sends B nothing of the first session."""
    story = told(strategy, **contract).start("main").start("beside").emit("main", *TASK).emit("beside", *TASK)
    page = story.pages["B"]
    page.sessions.pop("main", None)
    story.records = [each for each in story.records if not _is_of(each, page.sid, page.observer, "'main'")]
    for n in range(1, len(TASK) + 1):
        story.lose(f"main/{n}", Hop.ROUTED, "B")
    return story.end("main").end("beside")


def _is_of(record: Record, sid: str, load: str, session: str) -> bool:
    """Whether a fact is about that session and that connection, or that page."""
    if not isinstance(record, Fact) or session not in repr(record.body):
        return False
    return record.observer == load or getattr(record.body, "sid", None) == sid


def entitlement(verdict: Verdict) -> PropertyResult:
    [found] = [each for each in verdict.properties if each.prop == "P17"]
    return found


@pytest.mark.parametrize("strategy", ["broadcast", "auto-discovery"])
def test_what_a_pass_is_not_for_is_not_owed(strategy: str) -> None:
    verdict = kept(strategy).verdict()
    assert entitlement(verdict).standing is Standing.PROVEN
    assert [each for each in verdict.outcomes if each.kind in (Kind.LOST, Kind.LEAKED)] == []


def test_what_a_pass_is_for_is_still_owed() -> None:
    verdict = kept().lose("beside/2", Hop.ROUTED, "B").verdict()
    assert {(each.kind, each.key, each.dashboard) for each in verdict.outcomes if each.kind is Kind.LOST} == {
        (Kind.LOST, "beside/2", "B")
    }


def test_an_event_beyond_a_pass_is_leaked_where_it_was_routed_and_its_cause_is_named() -> None:
    story = told().start("main").emit("main", *TASK).end("main")
    verdict = story.verdict()
    leaked = [each for each in entitlement(verdict).outcomes if each.kind is Kind.LEAKED]
    assert {(each.key, each.dashboard, each.hop) for each in leaked} == {
        (f"main/{n}", "B", Hop.ROUTED) for n in range(1, len(TASK) + 1)
    }
    assert [(each.cause, each.hop) for each in verdict.blame] == [("pass-ignored", Hop.ROUTED)]
    assert "P6" not in {each.prop for each in verdict.outcomes if each.kind is Kind.LEAKED}


def test_one_event_at_the_page_alone_is_enough() -> None:
    story = kept()
    [sighting] = [each for each in story.records if at(Hop.DELIVERED, "main/3", "A")(each)]
    story.records.append(replace(sighting, observer=story.pages["B"].observer, n=1 << 40))
    verdict = story.verdict()
    leaked = [each for each in entitlement(verdict).outcomes if each.kind is Kind.LEAKED]
    assert [(each.key, each.hop) for each in leaked] == [("main/3", Hop.DELIVERED)]
    assert [each.cause for each in verdict.blame] == ["unexplained"], "the server was seen to send it to A alone"


@pytest.mark.parametrize(
    ("name", "payload", "leaks"),
    [
        (ANNOUNCED, {"session": "main"}, True),
        (ANNOUNCED, {"session": "beside"}, False),
        ("session:ended", {"session": "main", "status": "completed"}, True),
        ("session:gap", {"session": "main", "missed": 3}, True),
        ("connection:routing", {"data": {"active": [{"session": "beside"}, {"session": "main"}]}}, True),
        ("connection:routing", {"data": {"active": [{"session": "beside"}]}}, False),
        ("whatever", {"main": 1}, True),  # as a key
        ("whatever", {"text": "the main thing"}, False),  # so short an id stands there by chance
    ],
)
def test_a_message_that_names_a_session_beyond_a_pass(name: str, payload: Any, leaks: bool) -> None:
    story = kept()
    story.fact(Notice, story.pages["B"].observer, name=name, payload=payload)
    result = entitlement(story.verdict())
    found = [(e.kind, e.dashboard, e.finding.other) for e in result.outcomes if e.kind is not Kind.DELIVERED]
    assert found == ([(Kind.LEAKED, "B", name)] if leaks else [])
    story.fact(Notice, story.pages["A"].observer, name=name, payload=payload)
    assert entitlement(story.verdict()).outcomes == result.outcomes, "A may see both"


def test_where_a_message_left_is_told_where_the_server_is_seen_to_send_it() -> None:
    story = kept(notices={ANNOUNCED: SessionNotice()})
    page, payload = story.pages["B"], {"session": "main"}
    story.fact(NoticeRouted, "server", name=ANNOUNCED, payload=payload, recipients=(page.sid,), where="x.py:3")
    story.fact(Notice, page.observer, name=ANNOUNCED, payload=payload)
    verdict = story.verdict()
    [leak] = [each for each in entitlement(verdict).outcomes if each.key is None and each.kind is Kind.LEAKED]
    assert (leak.hop, leak.finding.aspect) == (Hop.ROUTED, Aspect.TOLD_NOT_ENTITLED)
    assert verdict.blame[0].places == ("x.py:3",)


@pytest.mark.parametrize(("ok", "leaks"), [(False, False), (True, True)])
def test_a_refusal_may_name_what_was_asked_for_and_a_grant_may_not(ok: bool, leaks: bool) -> None:
    story, answer = kept("subscription"), {"ok": ok, "session": "main", "error": {"code": "forbidden"}}
    page = story.pages["B"]
    story.ask(page.sid, "subscribe", answer, page.observer, session="main")
    found = [each for each in entitlement(story.verdict()).outcomes if each.kind is Kind.LEAKED]
    assert bool(found) is leaks


def test_a_list_of_sessions_leaves_out_what_a_pass_is_not_for() -> None:
    lists = {"sessions": SessionList("data.active")}
    story = told(lists=lists).start("main").emit("main", *TASK[:1]).open("C")
    story.fact(Entitled, "harness", dashboard="C", sessions=("beside",))
    story.fact(Notice, story.pages["C"].observer, name="sessions", payload={"data": {"active": []}})
    found = story.emit("main", *TASK[1:]).end("main").verdict().outcomes
    assert [each for each in found if each.finding.aspect is Aspect.NOTICE_LIST] == []


def test_a_promise_of_passes_without_a_holder_is_not_proven() -> None:
    story = Story("broadcast", declared=(), properties=("P17",)).open("A").start("main").emit("main", *TASK).end("main")
    verdict = story.verdict()
    assert verdict.answer is Answer.UNKNOWN
    assert "P17" in {each.prop for each in verdict.unknowns}


def test_nothing_is_said_of_passes_where_no_dashboard_has_one() -> None:
    story = Story("broadcast", declared=()).open("A").start("main").emit("main", *TASK).end("main")
    assert "P17" not in {each.prop for each in story.verdict().properties}
