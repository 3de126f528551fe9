"""What the server takes and never emits, and what it answered meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import pytest

from harness.model import AnyFact, Fact, Hop
from harness.model.facts import Acknowledged
from harness.reporting import sentences
from tests.support.ledgers import Story
from tests.support.other_systems import EACH, floor, keys, lost, warehouse
from tests.support.records import at


def answered(story: Story, words: Mapping[str, str]) -> Story:
    """Two events are never emitted; some events are answered with a text alone."""

    def with_words(fact: AnyFact) -> AnyFact:
        body = fact.body
        return replace(fact, body=replace(body, says=words.get(body.key))) if isinstance(body, Acknowledged) else fact

    for key in ("main/2", "main/4"):
        story.lose(key, Hop.ROUTED).drop(at(Hop.ROUTED, key))
    story.records = [with_words(each) if isinstance(each, Fact) else each for each in story.records]
    return story


CLOSED = {"main/2": "closed", "main/4": "closed"}


@pytest.mark.parametrize("system", [warehouse, floor])
@pytest.mark.parametrize(
    ("words", "are_told"),
    [
        (CLOSED, True),
        ({**CLOSED, "main/4": "full"}, True),
        ({**CLOSED, "main/1": "ok"}, False),
        ({"main/2": "closed"}, False),
        ({f"main/{n}": "ok" for n in range(1, 8)}, False),
        ({}, False),
    ],
    ids=["of all", "in other words", "of another, too", "of one", "of every event", "none"],
)
def test_words_that_only_the_lost_were_answered_with_may_be_a_no(
    system: Callable[[], Story], words: Mapping[str, str], are_told: bool
) -> None:
    [blame] = answered(system(), words).verdict().blame
    assert blame.cause == "never-routed"
    assert ("answers them with 'closed'" in sentences.line(blame.sentence)) is are_told
    assert ("If that is a no" in blame.remedy) is are_told


@EACH
@pytest.mark.parametrize("to", ["A and B", "B alone"])
def test_what_comes_after_an_emit_that_did_not_reach_each_of_its_pages_may_wait_for_it(
    system: Callable[[], Story], to: str
) -> None:
    """A loop over clients goes to A, and then stands in the emit to B: the next event has not had its turn."""
    story = system().lose("main/7", Hop.ROUTED).drop(at(Hop.ROUTED, "main/7"))
    if to == "B alone":
        story.change(at(Hop.ROUTED, "main/6"), lambda s: replace(s, recipients=(story.pages["B"].sid,)))
    assert keys(story, "never-routed", *lost(story, Hop.ROUTED, 7)) == ["main/7"]
    story.lose("main/6", Hop.DELIVERED, "B")
    assert keys(story, "never-routed", *lost(story, Hop.ROUTED, 7)) == []
