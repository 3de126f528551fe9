"""What is like an event in another shape, and one step away from it."""

from __future__ import annotations

from harness.diagnosis import verdict_of
from harness.judge.messages.unread import unread
from harness.model import Hop
from harness.model.facts import Notice
from harness.record.identity import ANY, Envelope
from tests.support.causes_in_clis import EVENTS, gone, told
from tests.support.explained import evidence
from tests.support.ledgers import Story

LOST = ("main/3", "main/5")


def _forgotten(**message: object) -> Story:
    """Two events that are acknowledged and not emitted, and one message without an event on each page."""
    story = gone(told(), LOST, Hop.ROUTED, Hop.DELIVERED, Hop.APPLIED, Hop.RENDERED, acknowledged=True)
    for label in story.pages:
        story.fact(Notice, f"dashboard:{label}.1", payload="{}", **message)
    return story


def _causes(story: Story) -> list[str]:
    return [blame.cause for blame in verdict_of(story.ledger()).blame]


def test_a_message_of_another_name_is_none_of_the_events() -> None:
    assert _causes(_forgotten(name="tick", called="tick")) == ["never-routed"]


def test_fewer_messages_than_lost_events_name_no_cause() -> None:
    lost = {EVENTS[2], EVENTS[4]}
    assert len(lost) == 1, "both are of one name"
    assert _causes(_forgotten(name=EVENTS[2], called=EVENTS[2])) == ["unexplained"]


def test_what_a_name_that_carries_all_brought_counts_for_any() -> None:
    story = _forgotten(name="frame", called=ANY)
    assert _causes(story) == ["unexplained"]
    for label in story.pages:
        story.fact(Notice, f"dashboard:{label}.1", name="frame", payload=None, called=ANY)
    assert _causes(story) == ["shape-changed"]
    assert [*unread(evidence(story), "dashboard:A.1")] == [ANY]


def test_which_event_messages_of_a_name_are() -> None:
    system = Envelope(session=None, seq=None, names={"paid": "order:paid"}, own=("hello",), include=("order:*", "tea"))
    called = [system.known_as(name) for name in ("paid", "hello", "tea", "tick")]
    assert called == ["order:paid", None, "tea", None]
    assert [Envelope(carrier="frame").known_as(name) for name in ("frame", "tick")] == [ANY, None]
