"""Dashboards that a middleware of their namespace keeps, and what a program says of its end."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from harness.diagnosis._parties import last_words
from harness.diagnosis._unhandled import BY_GATE, BY_MIDDLEWARE
from harness.model import Aspect, Finding, Hop, Kind, Outcome, Sighting
from harness.model.facts import NoHandler
from harness.reporting import sentences
from tests.support.explained import explained
from tests.support.ledgers import Story
from tests.support.other_systems import EACH, lost

STOPS = "middleware-stops"


def outside(label: str, text: str | None = None) -> Outcome:
    why = Finding(Aspect.DASHBOARD_OUTSIDE, party=f"dashboard:{label}", text=text)
    return Outcome(Kind.REFUSED, "P14", None, label, Hop.DELIVERED, (Hop.DELIVERED,), why)


def keeping(story: Story, *sids: str, why: str = BY_GATE) -> Story:
    for sid in sids:
        where = {"namespace": "/live", "where": "gateway.ts:16 Gateway"}
        story.fact(NoHandler, "server", sid=sid, name="connect", why=why, **where)
    return story


@EACH
def test_who_is_neither_let_in_nor_refused_is_outside_because_of_the_middleware(system: Callable[[], Story]) -> None:
    out, follows = [outside("A"), outside("B")], lost(system(), Hop.APPLIED, 1)
    [blame] = explained(STOPS, keeping(system(), "new-1", "new-2"), *out, *follows)
    assert [*blame.explains] == [*out, *follows]
    said = "a middleware of namespace '/live' neither lets dashboards A and B in nor refuses it."
    assert sentences.line(blame.sentence) == said
    assert blame.places == ("gateway.ts:16 Gateway",)


@EACH
def test_fewer_that_are_kept_or_those_of_others_or_a_refusal_say_nothing(system: Callable[[], Story]) -> None:
    assert explained(STOPS, keeping(system(), "new-1"), outside("A"), outside("B")) == []
    assert explained(STOPS, keeping(system(), system().pages["A"].sid), outside("A")) == []
    assert explained(STOPS, keeping(system(), "new-1"), outside("A", "bad token")) == []
    assert explained(STOPS, keeping(system(), "new-1", why=BY_MIDDLEWARE), outside("A")) == []


@EACH
@pytest.mark.parametrize(("kept", "is_all"), [((2, 3), False), ((2, 3, 5, 6), True)])
def test_a_middleware_that_keeps_some_messages_of_a_name_does_not_keep_all(
    system: Callable[[], Story], kept: tuple[int, ...], is_all: bool
) -> None:
    story = system()
    came = [r.event for r in story.records if isinstance(r, Sighting) and r.hop is Hop.RECEIVED]
    name = next(event.name for event in came if event.seq == 2)
    if is_all:  # whatever else has the name
        kept = tuple(event.seq or 0 for event in came if event.name == name)
    for number in kept:
        story.lose(f"main/{number}", Hop.RECEIVED)
        story.fact(NoHandler, "server", sid="sid-main", name=name, why=BY_MIDDLEWARE)
    [blame] = explained(STOPS, story, *(one for number in kept for one in lost(story, Hop.RECEIVED, number)))
    said = sentences.line(blame.sentence)
    assert ("never passes on" in said) is is_all
    assert ("passes on others that are called" in said) is not is_all


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (["bot.js:11", "  throw new Error(reply)", "", "Error: bad text", "    at tell (bot.js:11)", "Node.js v20"], 3),
        (["Traceback (most recent call last):", '  File "a.py"', "socketio.exceptions.TimeoutError"], 2),
        (["Traceback (most recent call last):", "KeyError: 'celsius'", "sent 7 reports"], 1),
        (["runner: Error: timed out", "    at Timeout._onTimeout (socket.js:300:28)"], 0),
        (["Uncaught TypeError: x is not a function", "bye"], 0),
        (["cannot open the till", "giving up"], 1),
    ],
)
def test_the_last_words_of_a_program_name_its_error(said: list[str], words: int) -> None:
    assert last_words(said) == said[words]
