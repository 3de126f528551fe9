"""What single steps of rules count and compare, where a whole run on paper would not tell one step from another."""

from __future__ import annotations

from dataclasses import replace

import pytest

from harness.diagnosis._announcements import came_late, opened_at
from harness.diagnosis.name_style import _plain
from harness.diagnosis.oversize_payload import _dropped
from harness.diagnosis.queue_mismatch import Queue, _one
from harness.diagnosis.render_delayed import _drawn_after
from harness.diagnosis.sent_to_nobody import _connected
from harness.judge.properties.rendering import _delivered
from harness.model import Aspect, Finding, Hop, Kind, Outcome
from harness.model.facts import Answered, ClientConnected, Fence, Requested, UnservedEmit, View
from harness.record.evidence import Evidence
from harness.reporting import sentences
from tests.support.causes import CAUSES, gone, told
from tests.support.causes_in_clis import BEHIND_SENT
from tests.support.facts import other
from tests.support.ledgers import Story
from tests.support.paper_pages import TASK
from tests.support.records import at, said


def evidence(story: Story) -> Evidence:
    return Evidence(story.ledger())


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("redis://localhost", "redis://127.0.0.1:6379/0"),
        ("redis://me:secret@localhost:6379/0", "redis://LOCALHOST:6379/"),
        ("redis://queue.lan:6380/1", "redis://queue.lan:6380/1/"),
        ("amqp://queue.lan/", "amqp://queue.lan"),
        ("amqp://queue.lan:5672/a", "amqp://queue.lan:5672/a/"),
    ],
)
def test_one_queue_is_written_in_several_ways(one: str, other: str) -> None:
    assert _one(Queue(one, "socketio")) == _one(Queue(other, "socketio"))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("redis://localhost:6379", "redis://localhost:6380"),
        ("redis://localhost", "redis://localhost/1"),
        ("redis://a.lan", "redis://b.lan"),
        ("amqp://queue.lan/a", "amqp://queue.lan/b"),
        ("amqp://queue.lan/0", "amqp://queue.lan"),
        ("kafka://queue.lan:1", "kafka://queue.lan"),
        ("nats://queue.lan:1", "nats://queue.lan"),
        ("nats://queue.lan/X", "nats://queue.lan/"),
        ("redis:///X", "redis:///"),
        ("redis://queue.lan:port", "redis://queue.lan"),
    ],
)
def test_two_queues_differ_in_host_port_or_path(one: str, other: str) -> None:
    assert _one(Queue(one, "socketio")) != _one(Queue(other, "socketio"))


def test_two_channels_are_two_queues() -> None:
    assert _one(Queue("redis://localhost", "socketio")) != _one(Queue("redis://localhost", "events"))


def test_a_session_is_there_from_the_answer_to_its_own_opening() -> None:
    """Not from another session's, nor from one that was refused, nor from another request that names it."""
    story = Story("auto-discovery").start("other").start("main", ok=False, error={"code": "?"}).open("A")
    story.subscribe("A", "main", ok=True, session="main", missed=0)
    assert opened_at(evidence(story), "main") is None
    story.start("main").emit("main", *TASK)
    at_last = opened_at(evidence(story), "main")
    answers = [e.answered for e in evidence(story).exchanges if e.name == "session:open" and e.session == "main"]
    assert at_last == answers[-1] != answers[0]


def test_who_never_connected_did_not_come_late() -> None:
    story = Story("auto-discovery").start("main").open("A")
    assert came_late(evidence(story), "A", "main")
    assert not came_late(evidence(story), "Z", "main")


def test_the_sender_that_was_cut_off_is_the_one_of_that_session() -> None:
    """Found by what it asked or, in a system that is asked nothing, by what it was heard to send."""
    story = CAUSES["oversize-payload"][1]()
    assert _dropped(evidence(story), "main") == "sid-main"
    assert _dropped(evidence(story), "nobody's") is None
    assert _dropped(evidence(CAUSES["oversize-payload"][1]().drop(at(Hop.RECEIVED))), "main") == "sid-main"
    unasked = story.drop(said(Requested), said(Answered))
    assert _dropped(evidence(unasked), "main") == "sid-main"
    assert _dropped(evidence(unasked), "nobody's") is None


def test_a_name_is_the_same_in_any_style_and_another_one_is_not() -> None:
    assert _plain("skill:started") == _plain("Skill_Started") == _plain("skillStarted")
    assert _plain("skill:started") != _plain("skill:start")


def late(label: str) -> Outcome:
    return Outcome(Kind.LATE, "P11", "main/7", label, Hop.RENDERED, (Hop.RENDERED,), Finding(Aspect.LATENCY))


def test_how_long_a_page_took_to_draw_is_told_in_milliseconds() -> None:
    applied = {r.event.key: r.at_ns for r in told().records if at(Hop.APPLIED, None, "A")(r)}  # type: ignore[union-attr]
    story = told().change(at(Hop.RENDERED, "main/7", "A"), lambda s: replace(s, at_ns=applied["main/7"] + 250_000_000))
    assert _drawn_after(evidence(story), late("A")) == 250.0
    assert _drawn_after(evidence(story.drop(at(Hop.RENDERED, "main/7", "A"))), late("A")) == 0.0


def test_connected_is_whose_fence_came_back() -> None:
    story = told()
    assert [*_connected(evidence(story))] == ["A", "B"]
    story.ledger()
    story.change(said(Fence, "B"), lambda fact: other(fact, back=False))
    assert [*_connected(evidence(story))] == ["A"]


def test_a_page_without_a_state_holds_its_own_events_and_what_it_was_delivered() -> None:
    """Not what other pages heard, nor notices that are not events."""
    story = Story("auto-discovery").open("A", "B").start("main").emit("main", *TASK)
    seen = evidence(story)
    assert _delivered(seen, View(), "dashboard:A.1") == (2 + len(TASK),) * 2
    assert _delivered(seen, View(), "dashboard:B.1") == (2 + len(TASK),) * 2
    assert _delivered(seen, View(), "dashboard:C.1") == (0, 0)


def wrong_process() -> Story:
    """The third event is emitted in the CLI's own process."""
    story = gone(told(), ("main/3",), Hop.SENT, *BEHIND_SENT)
    return story.fact(UnservedEmit, "cli:main", event="skill:started", key="main/3", where="agent.py:7 report")


def test_of_a_cli_with_a_server_of_its_own_the_connections_are_its_own() -> None:
    story = wrong_process().drop(said(ClientConnected))
    assert "cli:main: opened 0 connections to a server" in lines(story)
    for cli in ("cli:main", "cli:other", "cli:other"):
        story.fact(ClientConnected, cli, url="http://127.0.0.1:1", transport="websocket")
    assert "cli:main: opened 1 connection to a server" in lines(story)


def test_what_the_server_had_is_told_of_the_first_observed_hop() -> None:
    story = wrong_process()
    assert "server: received 6 events" in lines(story)
    story.contract = replace(story.contract, taps=tuple(hop for hop in Hop if hop is not Hop.RECEIVED))
    assert "server: routed 6 events" in lines(story)


def lines(story: Story) -> list[str]:
    return [
        line for blame in story.verdict().blame if blame.cause == "wrong-process" for line in sentences.evidence(blame)
    ]
