"""What is like a cause in a server, and one step away from it: joins, gaps, queues, handlers, refusals."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from harness.diagnosis._announcements import untold
from harness.diagnosis.handler_raises import raised_over
from harness.diagnosis.refused import _refusals
from harness.diagnosis.upgrade_drop import _behind as _right_behind
from harness.judge.strategies.watch import connections
from harness.model import Aspect, Blame, Finding, Hop, Kind, Outcome, stated
from harness.model.facts import (
    Connected,
    Disconnected,
    HandlerError,
    Joined,
    Notice,
    PageRefused,
    Refused,
    UnservedEmit,
)
from harness.reporting import sentences
from tests.support.causes import told
from tests.support.causes_in_clis import EVENTS
from tests.support.causes_in_routing import subscribed
from tests.support.explained import evidence, explained, outcome, paper
from tests.support.facts import other
from tests.support.ledgers import Story
from tests.support.paper_pages import TASK
from tests.support.records import at, said


def test_a_gap_in_two_sessions_is_not_the_gap_of_one_upgrade() -> None:
    story = told().start("beside").emit("beside", *TASK).end("beside")
    story.change(at(Hop.DELIVERED), lambda s: replace(s, detail={"transport": "websocket"}))
    assert _right_behind(evidence(story), "A", {"main/3", "main/4"}) is None, "the upgrade was before it"
    for key in ("main/1", "main/2"):
        story.change(at(Hop.DELIVERED, key), lambda s: replace(s, detail={"transport": "polling"}))
    assert _right_behind(evidence(story), "A", {"main/3", "main/4"}) == "main/5"
    assert _right_behind(evidence(story), "A", {"main/3", "beside/4"}) is None
    assert _right_behind(evidence(story), "A", {"main/3", "main/5"}) is None
    assert _right_behind(evidence(story), "A", {f"main/{len(EVENTS)}"}) is None


def test_only_a_good_answer_to_a_subscription_to_that_session_comes_before_the_join() -> None:
    story = Story("subscription", declared=()).open("A").start("main").start("beside").subscribe("A", "beside")
    page = story.pages["A"]
    story.subscribe("A", "main", ok=False, error={"code": "?"}).ask(page.sid, "status", {"ok": True}, session="main")
    story.emit("main", *EVENTS[:2]).change(at(Hop.ROUTED), lambda s: replace(s, detail={"room": "session:main"}))
    story.subscribe("A", "main").emit("main", *EVENTS[2:])
    assert explained("ack-before-join", story, outcome(Kind.LOST, Hop.ROUTED, "main/1")) == []


def test_a_dashboard_that_stayed_hides_none_that_came_back_without_its_rooms() -> None:
    story = subscribed("A", "B").emit("main", *EVENTS[:2])
    story.change(said(Joined), lambda f: other(f, room="main"))
    for _ in range(2):
        story.disconnect("B").connect("B")
    story.emit("main", *EVENTS[2:])
    last = story.pages["B"].sid
    lost = outcome(Kind.LOST, Hop.ROUTED, "main/3", "B")
    missed = [outcome(Kind.LOST, Hop.DELIVERED, key, label) for key, label in (("main/4", "B"), ("main/4", "A"))]
    beside = outcome(Kind.LOST, Hop.DELIVERED, "beside/1", "B")
    story.start("beside").emit("beside", *TASK)
    [blame] = explained("no-resubscribe", story, lost, *missed, beside)
    assert blame.explains == (lost, missed[0])
    assert blame.evidence[0] == f"dashboard B: 3 connections, the last one {last}"
    second = connections(evidence(story))["B"][1].sid
    story.fact(Joined, "server", sid=second, room="later")
    story.change(at(Hop.ROUTED, "main/4"), lambda s: replace(s, detail={"room": "later"}))
    assert len(explained("no-resubscribe", story, replace(lost, key="main/4"))) == 1
    back = story.fact(Joined, "server", sid=last, room="main")
    assert explained("no-resubscribe", back, lost) == []


def test_another_connection_at_the_same_time_is_not_a_reconnection() -> None:
    story = subscribed("A", "B").emit("main", *EVENTS[:2])
    story.change(said(Joined), lambda f: other(f, room="main"))
    story.connect("B").emit("main", *EVENTS[2:])  # of another namespace, say, with rooms of its own
    lost = outcome(Kind.LOST, Hop.ROUTED, "main/3", "B")
    assert len(connections(evidence(story))["B"]) == 2
    assert explained("no-resubscribe", story, lost) == []


def test_two_queues_are_why_events_are_lost_from_received_on_where_that_is_blind() -> None:
    range_ = (Hop.RECEIVED, Hop.ROUTED)
    lost = replace(outcome(Kind.LOST, Hop.RECEIVED, "main/1"), hop=None, hops=range_)
    assert len(explained("queue-mismatch", paper("queue-mismatch"), lost)) == 1
    lost = replace(outcome(Kind.LOST, Hop.SENT, "main/3"), hop=None, hops=(Hop.SENT, Hop.RECEIVED))
    story = told().fact(UnservedEmit, "cli:main", event="x", key="main/3", where="agent.py:7 report")
    assert len(explained("wrong-process", story, lost)) == 1


def test_a_late_dashboard_that_was_not_told_explains_its_own_properties_alone() -> None:
    def untold_(prop: str, label: str, key: str | None = None) -> Outcome:
        return Outcome(Kind.LOST, prop, key, label, None, (Hop.ROUTED, Hop.DELIVERED), stated("not told"))

    lost = outcome(Kind.LOST, Hop.ROUTED, "main/3", "B")
    mine = [untold_("A3", "B"), untold_("A4", "B")]
    others = [untold_("A4", "A"), untold_("A5", "B"), untold_("A3", "B", "main/4")]
    [blame] = explained("late-join-stale", paper("late-join-stale"), lost, *mine, *others)
    assert set(blame.explains) - {others[2]} == {lost, *mine}


def test_a_message_other_than_an_event_is_of_no_unannounced_session() -> None:
    story = Story("auto-discovery").open("A").start("main").emit("main", *TASK)
    story.drop(said(Notice, "A", name="session:announced"))
    assert untold(evidence(story), outcome(Kind.LOST, Hop.ROUTED)) == "main"
    assert untold(evidence(story), outcome(Kind.LOST, Hop.ROUTED, None)) is None
    other = replace(story.contract, strategy="broadcast")
    story.contract = other
    assert untold(evidence(story), outcome(Kind.LOST, Hop.ROUTED)) is None


def test_a_session_that_one_dashboard_was_told_of_was_announced_where_none_is_named() -> None:
    story = Story("auto-discovery").open("A", "B").start("main").emit("main", *TASK)
    unrouted = replace(outcome(Kind.LOST, Hop.ROUTED), dashboard=None)
    story.drop(said(Notice, "A", name="session:announced"))
    assert untold(evidence(story), unrouted) is None
    story.drop(said(Notice, "B", name="session:announced"))
    assert untold(evidence(story), unrouted) == "main"
    assert (
        explained("no-announcement", story, unrouted) == []
    )  # other events of it were emitted to both: they had joined
    story.change(at(Hop.ROUTED), lambda s: replace(s, recipients=()))
    [blame] = explained("no-announcement", story, unrouted)
    assert blame.evidence[1:] == (
        'dashboard A: was not told of it, and asked for subscribe {"after": 0, "session": "main"}',
        'dashboard B: was not told of it, and asked for subscribe {"after": 0, "session": "main"}',
    )


def test_a_queue_is_full_from_four_events_on_and_not_where_the_transport_changed() -> None:
    story = told().lose("main/5", Hop.DELIVERED, "B").lose("main/6", Hop.DELIVERED, "B")
    story.change(at(Hop.DELIVERED, None, "B"), lambda s: replace(s, at_ns=s.at_ns + 1_000_000_000))
    lost = outcome(Kind.LOST, Hop.DELIVERED, "main/5", "B")
    both = lost, replace(lost, key="main/6")
    [blame] = explained("slow-consumer-drop", story, *both)
    assert "4 others were still on their way" in sentences.evidence(blame)[1]
    assert explained("slow-consumer-drop", story, *both, replace(lost, key="main/4")) == []
    at_a = [replace(each, dashboard="A") for each in both]  # A lacks the same, and had no queue
    assert explained("slow-consumer-drop", story, *both, *at_a) == []
    assert len(explained("slow-consumer-drop", story, *both, at_a[0])) == 1
    assert explained("slow-consumer-drop", story, lost) == []  # one alone
    by_polling = said(Connected, sid=story.pages["B"].sid)
    story.change(by_polling, lambda f: other(f, transport="polling"))
    assert explained("slow-consumer-drop", story, *both) == []


def test_a_queue_is_not_full_when_more_than_were_lost_passed_while_it_was_longer() -> None:
    def of(count: int) -> list[Blame]:
        story = Story("broadcast").open("A", "B").start("main").emit("main", *("progress",) * count).end("main")
        lost = [outcome(Kind.LOST, Hop.DELIVERED, key, "B") for key in ("main/5", "main/6")]
        story.lose("main/5", Hop.DELIVERED, "B").lose("main/6", Hop.DELIVERED, "B")
        story.change(at(Hop.DELIVERED, None, "B"), lambda s: replace(s, at_ns=s.at_ns + 1_000_000_000))
        return explained("slow-consumer-drop", story, *lost)

    assert of(8) and of(10) == []


def test_events_that_a_dashboard_was_present_for_or_was_sent_are_not_a_gap() -> None:
    def is_gap(key: str, label: str = "A", story: Story | None = None) -> bool:
        found = explained(
            "gap-no-replay", story or paper("gap-no-replay"), outcome(Kind.LOST, Hop.DELIVERED, key, label)
        )
        return bool(found)

    assert is_gap("main/3")
    assert not is_gap("main/3", "Z")
    there = paper("gap-no-replay").change(at(Hop.ROUTED, "main/1"), lambda s: replace(s, recipients=()))
    assert not is_gap("main/1", story=there)
    sent = paper("gap-no-replay")
    [sid] = {page.sid for page in sent.pages.values() if page.label == "A"}
    assert not is_gap("main/3", story=sent.change(at(Hop.ROUTED, "main/3"), lambda s: replace(s, recipients=(sid,))))


def raising(*handlers: tuple[str, str]) -> Story:
    """Events that arrive and are not routed; handlers that raise after them, by name, with what they say."""
    story = Story("broadcast").open("A").start("main").emit("main", *(name for name, _ in handlers))
    for number, (name, error) in enumerate(handlers, start=1):
        story.lose(f"main/{number}", Hop.ROUTED, "A").drop(at(Hop.ROUTED, f"main/{number}"))
        story.fact(HandlerError, "server", sid="sid-main", name=name, error=error, where="app.py:1 on")
    return story


def test_each_exception_belongs_to_the_first_event_that_it_fits_and_all_are_told() -> None:
    story = raising(*((f"step:{number}", f"ValueError: {number}") for number in range(1, 12)))
    found = raised_over(evidence(story), {"main/2", "main/10"})
    assert {key: fact.body.error for key, fact in found.items()} == {
        "main/2": "ValueError: 2",
        "main/10": "ValueError: 10",
    }
    lost = [outcome(Kind.LOST, Hop.ROUTED, key) for key in ("main/1", "main/2")]
    [blame] = explained("handler-raises", raising(("one", "ValueError: 1"), ("two", "ValueError: 2")), *lost)
    assert [line.partition(": ")[2] for line in sentences.evidence(blame)] == [
        "'one': ValueError: 1 (app.py:1 on)",
        "'two': ValueError: 2 (app.py:1 on)",
    ]


def test_exceptions_of_one_handler_for_all_are_given_out_in_the_order_of_arrival() -> None:
    story = raising(*((f"step:{number}", f"ValueError: {number}") for number in range(1, 12)))
    everything = said(HandlerError, "server")
    story.change(everything, lambda fact: other(fact, name="publish"))
    found = raised_over(evidence(story), {"main/2", "main/10"})
    assert {key: fact.body.error for key, fact in found.items()} == {
        "main/2": "ValueError: 1",
        "main/10": "ValueError: 2",
    }


def test_a_place_is_kept_by_the_session_that_the_failure_names() -> None:
    def stuck(story: Story) -> list[Blame]:
        failed = [each for each in story.verdict().outcomes if each.kind is Kind.STUCK]
        return explained("lease-stuck", story, *failed)

    active = {"code": "session-active"}
    story = Story("single-session", declared=()).start("early").emit("early", *TASK).end("early").start("main")
    left = said(Disconnected, "server", sid="sid-early")
    story.change(left, lambda fact: other(fact, reason="client disconnect"))
    story.ask("sid-main", "session:rename", {"ok": True}, session="main")
    story.emit("main", *TASK[:2]).kill("main").wait(5_000).start("next", ok=False, error=active)
    [blame] = stuck(story)
    assert blame.sentence == "session main keeps the place although its producer is gone."
    assert blame.evidence == (
        "server: sid-main of main disconnected: transport close",
        "server: refused 1 opening after that, the last with 'session-active'",
    )
    [nobody_s] = [each for each in story.verdict().outcomes if each.kind is Kind.STUCK]
    assert (
        explained("lease-stuck", story, replace(nobody_s, finding=Finding(Aspect.NOT_RELEASED, session="nobody's")))
        == []
    )


def test_a_refusal_without_a_code_is_of_the_session_whose_client_was_turned_away() -> None:
    [failed] = [each for each in paper("rejected-without-code").verdict().outcomes if each.kind is Kind.EXCLUSIVITY]
    for kind in (Kind.EXCLUSIVITY, Kind.REFUSED):
        assert len(explained("rejected-without-code", paper("rejected-without-code"), replace(failed, kind=kind))) == 1


def refusal(story: Story, role: str | None) -> Story:
    told_ = {"reason": "bad-role", "origin": None, "sid": None, "role": role}
    return story.fact(Refused, "server", **told_)


def roles(story: Story, party: str) -> list[str | None]:
    return [fact.body.role for fact in _refusals(evidence(story), party) if isinstance(fact.body, Refused)]


def test_a_refusal_by_the_server_is_of_the_role_that_it_names() -> None:
    story = refusal(refusal(refusal(told(), "dashboard"), "producer"), None)
    assert roles(story, "dashboard:A") == ["dashboard", None]
    assert roles(story, "cli:main") == ["producer", None]


def test_a_refusal_by_the_server_is_of_the_party_left_where_others_tell_their_own() -> None:
    story = refusal(told(), "dashboard").fact(PageRefused, "dashboard:A.1", text="no")
    of_a = _refusals(evidence(story), "dashboard:A")
    assert [fact.observer for fact in of_a] == ["dashboard:A.1", "server"]
    assert _refusals(evidence(story), "dashboard:B") == []
    story.fact(PageRefused, "dashboard:B.1", text="no")
    assert [fact.observer for fact in _refusals(evidence(story), "dashboard:B")] == ["dashboard:B.1", "server"]


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        ('HTTP 400 "The client is using an unsupported version of the Socket.IO or Engine.IO protocols"', "allowEIO3"),
        ('HTTP 400 {"code":5,"message":"Unsupported protocol version"}', "same major version"),
        ("HTTP 400 'HTTP 404: is the path right?'", "Compare what the server accepts"),
        ("HTTP 400 'not an accepted origin'", "Compare what the server accepts"),
    ],
)
def test_what_to_do_is_what_the_refusal_itself_says(reason: str, words: str) -> None:
    story = told().fact(PageRefused, "dashboard:A.1", text=f"polling connection to /socket.io/: {reason}")
    [blame] = explained("refused", story, _outside("A"))
    assert words in blame.remedy


@pytest.mark.parametrize(
    ("how", "words"),
    [
        ({"status": 404}, "the same `path`"),
        ({"is_foreign": True}, "every path"),
        ({"status": 400}, "Compare what the server accepts"),
    ],
)
def test_what_to_do_is_what_the_answer_was(how: dict[str, Any], words: str) -> None:
    story = told().fact(PageRefused, "dashboard:A.1", text="polling connection to /socket.io/", **how)
    [blame] = explained("refused", story, _outside("A"))
    assert words in blame.remedy


def _outside(label: str) -> Outcome:
    finding = Finding(Aspect.DASHBOARD_OUTSIDE, party=f"dashboard:{label}")
    return Outcome(Kind.REFUSED, "P14", None, label, Hop.DELIVERED, (Hop.DELIVERED,), finding)


@pytest.mark.parametrize(
    ("texts", "blames"), [(("no such path", "no such path"), 1), (("no such path", "bad token"), 2)]
)
def test_dashboards_that_are_refused_for_one_reason_are_one_blame(texts: tuple[str, str], blames: int) -> None:
    story = told()
    for label, text in zip("AB", texts, strict=True):
        story.fact(PageRefused, f"dashboard:{label}.1", text=text)
    found = explained("refused", story, _outside("A"), _outside("B"))
    assert len(found) == blames
    assert [o.label for blame in found for o in blame.explains] == ["A", "B"]
