"""What is like an event in another shape, and one step away from it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from harness.diagnosis import verdict_of
from harness.judge.messages.unread import unread
from harness.model import Fact, Hop
from harness.model.facts import HandlerError, Notice, Requested
from harness.record.identity import ANY, Envelope
from harness.reporting import sentences
from tests.support.causes_in_clis import EVENTS, gone, told
from tests.support.explained import evidence, explained
from tests.support.ledgers import Story
from tests.support.other_systems import EACH, keys, lost

LOST = ("main/3", "main/5")


def _forgotten(**message: object) -> Story:
    """Two events that are acknowledged and not emitted, and one message without an event on each page."""
    story = gone(told(), LOST, Hop.ROUTED, Hop.DELIVERED, Hop.APPLIED, Hop.RENDERED, acknowledged=True)
    for label in story.pages:
        story.fact(Notice, f"dashboard:{label}.1", payload="{}", **message)
    return story


def _causes(story: Story) -> list[str]:
    return [blame.cause for blame in verdict_of(story.ledger()).blame]


def test_a_message_of_another_name_is_not_one_of_the_events() -> None:
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


@pytest.mark.parametrize("said", ["♥ {}", "welcome"])
def test_a_greeting_and_a_heartbeat_under_the_name_that_carries_all_are_no_events(said: str) -> None:
    """Two of them came to each page, as many as there are lost events: one before the events, and one after."""
    story = gone(told(), LOST, Hop.ROUTED, Hop.DELIVERED, Hop.APPLIED, Hop.RENDERED, acknowledged=True)
    for number, at_ns in ((1, 0), (2, story.tick())):
        for label in story.pages:
            beat = Notice("frame", said.format(number), ANY)
            story.records.append(Fact(f"dashboard:{label}.1", 900 + number, at_ns, beat))
    assert _causes(story) == ["never-routed"]


def test_which_event_messages_of_a_name_are() -> None:
    system = Envelope(session=None, seq=None, names={"paid": "order:paid"}, own=("hello",), include=("order:*", "tea"))
    called = [system.known_as(name) for name in ("paid", "hello", "tea", "tick")]
    assert called == ["order:paid", None, "tea", None]
    assert [Envelope(carrier="frame").known_as(name) for name in ("frame", "tick")] == [ANY, None]


def sent_otherwise(system: Callable[[], Story], messages: Sequence[tuple[str, list[Any]]]) -> Story:
    """A system whose CLI sent no event that is understood, and messages of its own instead."""
    story = gone(
        system(), tuple(f"main/{number}" for number in range(1, 8)), *(hop for hop in Hop if hop > Hop.EMITTED)
    )
    for name, args in messages:
        story.fact(Requested, "cli:main", name=name, args=args)
    return story


def names_of(system: Callable[[], Story]) -> list[str]:
    return [event.name for event in evidence(system()).events_of("main")]


def both(story: Story) -> dict[str, list[str | None]]:
    failed = lost(story, Hop.SENT, *range(1, 8))
    return {cause: keys(story, cause, *failed) for cause in ("shape-changed", "emit-unreached")}


@EACH
@pytest.mark.parametrize("wrapped", [True, False], ids=["in a carrier", "by its name"])
def test_what_the_cli_sends_in_another_shape_was_sent(system: Callable[[], Story], wrapped: bool) -> None:
    told = [("report", [{"type": name, "n": 1}]) if wrapped else (name, ["text"]) for name in names_of(system)]
    story = sent_otherwise(system, told)
    assert both(story) == {"shape-changed": [f"main/{n}" for n in range(1, 8)], "emit-unreached": []}


@EACH
def test_where_and_how_the_server_failed_over_it_is_told(system: Callable[[], Story]) -> None:
    story = sent_otherwise(system, [("report", [{"type": name, "n": 1}]) for name in names_of(system)])
    story.fact(HandlerError, "server", name="report", sid="sid-main", error="KeyError: 'kind'", where="app.py:3 take")
    [blame] = explained("shape-changed", story, *lost(story, Hop.SENT, *range(1, 8)))
    assert "cli:main: 'report' was sent with the fields 'type', 'n'" in sentences.evidence(blame)
    assert sentences.evidence(blame)[-1] == "server: 'report': KeyError: 'kind' (app.py:3 take)"
    assert blame.hop is Hop.SENT and blame.places == ("app.py:3 take",)


@EACH
def test_fewer_messages_others_and_one_that_lists_names_were_no_events(system: Callable[[], Story]) -> None:
    names = names_of(system)
    first = next(name for name in names if names.count(name) > 1)
    listing: dict[str, Any] = {"names": names}
    others: Sequence[list[tuple[str, list[Any]]]] = (
        [("report", [{"type": first}])],
        [("tick", [])] * 7,
        [("watch", [listing])] * 7,
    )
    for messages in others:
        assert both(sent_otherwise(system, messages))["shape-changed"] == []
