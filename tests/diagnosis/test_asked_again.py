"""A dashboard that asks for the same again and again, and what is sent twice for other reasons."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from harness.model import Hop, Kind, Outcome, SessionNotice
from harness.model.facts import Notice, Requested
from tests.support.causes_in_clis import told
from tests.support.causes_in_routing import sent_again
from tests.support.explained import explained, outcome
from tests.support.ledgers import Story
from tests.support.other_systems import floor, warehouse
from tests.support.records import said

SYSTEMS = [pytest.param(warehouse, id="warehouse"), pytest.param(floor, id="floor"), pytest.param(told, id="told")]
EACH = pytest.mark.parametrize("system", SYSTEMS)


def twice_for_a(story: Story) -> Outcome:
    twice = outcome(Kind.DUPLICATED, Hop.ROUTED, "main/4", "A")
    return replace(twice, finding=replace(twice.finding, party=story.pages["A"].sid))


def causes(story: Story) -> set[str]:
    asked = ("asked-again", "routed-twice")
    return {blame.cause for cause in asked for blame in explained(cause, story, twice_for_a(story))}


@EACH
def test_who_asks_and_is_sent_everything_each_time_is_told(system: Any) -> None:
    story = sent_again(system(asks=False), asked=3, copies=3)
    [blame] = explained("asked-again", story, twice_for_a(story))
    assert blame.sentence == (
        "dashboard A asks for the same again and again ('join'), and is sent everything each time."
    )
    assert blame.evidence[0] == "dashboard A: asked 'join' 3 times"
    assert causes(story) == {"asked-again"}


@pytest.mark.parametrize(
    ("asked", "copies", "to"),
    [(1, 1, "A"), (0, 2, "A"), (2, 3, "A"), (2, 2, "B")],
    ids=["it asked once", "it did not ask", "more came than it asked", "others had them, too"],
)
@EACH
def test_what_the_server_sends_twice_by_itself_is_the_servers(system: Any, asked: int, copies: int, to: str) -> None:
    assert causes(sent_again(system(asks=False), asked, copies, to)) == {"routed-twice"}


@EACH
def test_where_one_copy_is_promised_the_server_sends_too_many(system: Any) -> None:
    assert causes(sent_again(system(asks=True), asked=3, copies=3)) == {"routed-twice"}


@EACH
def test_what_was_sent_before_it_asked_is_not_an_answer(system: Any) -> None:
    story = sent_again(system(asks=False), asked=2, copies=2)
    story.change(said(Requested), lambda r: replace(r, n=r.n + 10_000))
    assert causes(story) == {"routed-twice"}


@pytest.mark.parametrize(("announced", "cause"), [(2, {"asked-again"}), (3, set())])
@EACH
def test_who_asks_for_each_session_that_it_is_told_of_does_as_it_is_told(
    system: Any, announced: int, cause: set[str]
) -> None:
    story = sent_again(system(asks=False, notices={"begun": SessionNotice()}), asked=3, copies=3)
    for _ in range(announced):
        story.fact(Notice, "dashboard:A.1", name="begun", payload={"session": "main"})
    story.fact(Notice, "dashboard:A.1", name="begun", payload={"session": "another"})
    assert causes(story) == cause
